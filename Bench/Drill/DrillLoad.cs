using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Client;
using Client.Realtime;
using Contracts;
using Contracts.Public;
using Contracts.Rooms;

namespace Bench.Drill;

/// <summary>The outcome of one message.</summary>
/// <param name="Phase">In which it was posted first.</param>
/// <param name="Delay">From its first post until a reader had it, in milliseconds.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Delivery(int Phase, double Delay);

/// <summary>
/// Users in rooms: some write at a rate and retry a post under its id until it is acknowledged, as an application does; some read, and record the
/// numbers in order of arrival. A message carries the phase and the moment of its first post.
/// </summary>
internal sealed class DrillLoad : IAsyncDisposable
{
    private const string Password = "correct horse battery staple";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly List<Room> _rooms = [];
    private readonly List<ChatClient> _clients = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _writers = [];
    private readonly long[] _attempts;
    private readonly long[] _failures;
    private readonly long[] _posted;
    private int _phase;

    /// <summary>Of the plan's rate; written by the run between phases, read by the writers.</summary>
    private int _rate = 1;

    private DrillLoad(int phases)
    {
        _attempts = new long[phases];
        _failures = new long[phases];
        _posted = new long[phases];
    }

    /// <summary>Calls by the phase in which they were made.</summary>
    public IReadOnlyList<long> Attempts => _attempts;

    /// <summary>Those of them that ended with 5xx, or without an answer.</summary>
    public IReadOnlyList<long> Failures => _failures;

    /// <summary>Messages by the phase in which they were posted first.</summary>
    public IReadOnlyList<long> Posted => _posted;

    public IReadOnlyList<Reader> Readers => [.. _rooms.SelectMany(static room => room.Readers)];

    public static async Task<DrillLoad> OpenAsync(DrillSystem system, DrillPlan plan, int phases, CancellationToken cancellationToken)
    {
        var load = new DrillLoad(phases);
        var admin = system.NewClient();
        load._clients.Add(admin);
        var tenant = $"drill-{Ids.New(TimeProvider.System)}";
        Ok(await admin.SignUpAsync(new SignUpRequest(tenant, "Drill", new RegisterRequest("admin", Password, "Admin"), OpenRegistration: true), cancellationToken));
        for (var number = 0; number < plan.Rooms; number++)
        {
            var room = new Room($"room{number}", []);
            Ok(await admin.Rooms.CreateAsync(new NewRoom(room.Name, room.Name, RoomVisibilities.Public), cancellationToken));
            for (var reader = 0; reader < plan.Readers; reader++)
            {
                var client = system.NewClient();
                load._clients.Add(client);
                Ok(await client.RegisterAsync(tenant, new RegisterRequest($"reader{number}-{reader}", Password), cancellationToken));
                Ok(await client.Rooms.JoinAsync(room.Name, cancellationToken));
                room.Readers.Add(await Reader.OpenAsync(client, room.Name, reader % 2 == 0 ? MessageOrder.Server : MessageOrder.Client, cancellationToken));
            }

            load._rooms.Add(room);
        }

        for (var writer = 0; writer < plan.Writers; writer++)
        {
            var (number, room) = (writer, load._rooms[writer % plan.Rooms]);
            load._writers.Add(Task.Run(() => load.WriteAsync(admin, room, number, TimeSpan.FromSeconds((double)plan.Writers / plan.Rate), load._stop.Token), CancellationToken.None));
        }

        return load;
    }

    /// <param name="phase">Its number.</param>
    /// <param name="rate">How many times the plan's.</param>
    public void Enter(int phase, int rate)
    {
        Volatile.Write(ref _phase, phase);
        Volatile.Write(ref _rate, rate);
    }

    /// <summary>Ends the writers, each after its last message is acknowledged, and waits until every reader has all of its room, or the time is up.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writers);
        using var limit = new CancellationTokenSource(patience, TimeProvider.System);
        foreach (var room in _rooms)
        {
            await Task.WhenAll(room.Readers.Select(reader => reader.UntilAsync(room.Last, limit.Token)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in Readers)
        {
            await reader.DisposeAsync();
        }

        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task WriteAsync(ChatClient client, Room room, int writer, TimeSpan every, CancellationToken stop)
    {
        using var tick = new PeriodicTimer(every, TimeProvider.System);
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            tick.Period = every / Volatile.Read(ref _rate);
            try
            {
                await tick.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var phase = Volatile.Read(ref _phase);
            Interlocked.Increment(ref _posted[phase]);
            var message = new NewMessage(string.Create(CultureInfo.InvariantCulture, $"{phase} {Stopwatch.GetTimestamp()}"), $"w{writer}-{number}");
            while (true)
            {
                // Not cut off: a message whose post was begun is either stored or not, and must be known to be.
                var result = await client.Messages.PostAsync(room.Name, message, CancellationToken.None);
                var now = Volatile.Read(ref _phase);
                Interlocked.Increment(ref _attempts[now]);
                if (result.TryGet(out var stored, out var problem))
                {
                    room.Acknowledged(stored.Seq);
                    break;
                }

                if (!problem.IsTransient)
                {
                    throw new InvalidOperationException($"A post was refused: {problem}");
                }

                Interlocked.Increment(ref _failures[now]);
                await Task.Delay(problem.RetryAfter is { } wait && wait < LongestPause ? wait : LongestPause, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private static void Ok<T>(Contracts.Results.ServiceResult<T> result)
    {
        if (!result.IsSuccess)
        {
            throw new InvalidOperationException(result.Problem?.ToString());
        }
    }

    private sealed record Room(string Name, List<Reader> Readers)
    {
        private long _last;

        /// <summary>Highest number that was acknowledged. dbman numbers without a gap, so that all up to it must come.</summary>
        public long Last => Interlocked.Read(ref _last);

        public void Acknowledged(long seq)
        {
            for (var seen = Last; seq > seen; seen = Last)
            {
                if (Interlocked.CompareExchange(ref _last, seq, seen) == seen)
                {
                    return;
                }
            }
        }
    }
}
