using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Bench.Fanout;

/// <summary>The load to publish.</summary>
/// <param name="Rate">Messages a second over all workers; 0: as fast as the answers come.</param>
/// <param name="InFlight">Calls at once.</param>
/// <param name="Batch">Messages a call.</param>
/// <param name="TextBytes">Length of a message's text.</param>
internal sealed record Pace(int Rate, int InFlight, int Batch = 1, int TextBytes = 100);

/// <summary>Publishes to the nodes in turn, one batch a call; can be started again at another pace. Message numbers continue.</summary>
internal sealed class Publisher : IDisposable
{
    /// <summary>A message's text begins with its time stamp in so many digits; the monotonic clock is the same for all processes of a machine.</summary>
    public const int StampDigits = 19;

    private readonly HttpClient[] _nodes;
    private readonly int _rooms;
    private readonly Func<long, Task>? _received;
    private readonly long[] _seqs;
    private readonly List<Task> _workers = [];
    private CancellationTokenSource _stop = new();
    private long _count;
    private long _failures;

    /// <param name="ports">Of the nodes.</param>
    /// <param name="rooms">How many rooms.</param>
    /// <param name="received">What a worker waits for before its next call, by the last message's number; null: nothing.</param>
    public Publisher(IReadOnlyList<int> ports, int rooms, Func<long, Task>? received = null)
    {
        _rooms = rooms;
        _received = received;
        _seqs = new long[rooms];
        _nodes = [.. ports.Select(static port => new HttpClient(FanoutNode.Signing()) { BaseAddress = new Uri($"http://127.0.0.1:{port}") })];
    }

    /// <summary>Messages that were accepted.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Messages that were begun, accepted or not, in the first room.</summary>
    public long Begun => Interlocked.Read(ref _seqs[0]);

    /// <summary>Calls that were refused, and retried.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    public void Start(Pace pace)
    {
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < pace.InFlight; i++)
        {
            var worker = i;
            _workers.Add(Task.Run(() => PublishAsync(worker, pace, started, _stop.Token), CancellationToken.None));
        }
    }

    /// <summary>Ends once every started call has been accepted: a missing message would hold up its room.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _workers.Clear();
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Dispose();
        }

        _stop.Dispose();
    }

    private async Task PublishAsync(int worker, Pace pace, long started, CancellationToken cancellationToken)
    {
        var node = _nodes[worker % _nodes.Length];
        for (long turn = worker; !cancellationToken.IsCancellationRequested; turn += pace.InFlight)
        {
            if (pace.Rate > 0 && !await InTimeAsync(turn, pace, started, cancellationToken))
            {
                return;
            }

            var room = (int)(turn % _rooms);
            var last = Interlocked.Add(ref _seqs[room], pace.Batch);

            // A message that is late has waited since it was due: its delay counts from then.
            var stamp = pace.Rate > 0 ? started + (long)(Due(turn, pace).TotalSeconds * Stopwatch.Frequency) : Stopwatch.GetTimestamp();
            var body = Body(room, last, pace, stamp);
            while (!await TryPublishAsync(node, body))
            {
                Interlocked.Increment(ref _failures);
            }

            if (_received is not null)
            {
                await _received(last);
            }

            Interlocked.Add(ref _count, pace.Batch);
        }
    }

    /// <summary>Waits for the call's time; false when the load ended before.</summary>
    private static async Task<bool> InTimeAsync(long turn, Pace pace, long started, CancellationToken cancellationToken)
    {
        var wait = Due(turn, pace) - Stopwatch.GetElapsedTime(started);
        if (wait > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(wait, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return !cancellationToken.IsCancellationRequested;
    }

    private static TimeSpan Due(long turn, Pace pace) => TimeSpan.FromSeconds((double)turn * pace.Batch / pace.Rate);

    private static string Body(int room, long last, Pace pace, long stamp)
    {
        var body = new StringBuilder("{\"messages\":[", pace.Batch * (pace.TextBytes + 150));
        var text = stamp.ToString(CultureInfo.InvariantCulture).PadLeft(StampDigits, '0').PadRight(pace.TextBytes, 'x');
        for (var seq = last - pace.Batch + 1; seq <= last; seq++)
        {
            body.Append(CultureInfo.InvariantCulture, $$"""{"tenant":"{{FanoutNode.Tenant}}","room":"r{{room}}","seq":{{seq}},"id":"m{{seq}}","sender":"u1","text":"{{text}}","sentAt":"2026-01-01T00:00:00Z"}""");
            body.Append(seq < last ? "," : "],\"system\":[]}");
        }

        return body.ToString();
    }

    private static async Task<bool> TryPublishAsync(HttpClient node, string body)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await node.PostAsync(new Uri("/internal/v1/publish", UriKind.Relative), content);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
