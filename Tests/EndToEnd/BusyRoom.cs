using Client;
using Client.Realtime;
using Contracts.Public;

namespace Tests.EndToEnd;

/// <summary>A room with senders and readers, into which a fault is thrown while messages flow.</summary>
internal sealed class BusyRoom : IAsyncDisposable
{
    private readonly List<Reader> _readers = [];
    private readonly Lock _lock = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _milestones = [];
    private int _acknowledged;

    private BusyRoom(ChatClient owner, string name)
    {
        Owner = owner;
        Name = name;
    }

    public ChatClient Owner { get; }

    public string Name { get; }

    /// <summary>Messages posted in all.</summary>
    public int Posted { get; private set; }

    public static async Task<BusyRoom> OpenAsync(RunningSystem system, string name, int readers, CancellationToken cancellationToken)
    {
        var owner = await system.NewTenantAsync(name, cancellationToken);
        var room = new BusyRoom(owner, name);
        var created = await owner.Rooms.CreateAsync(new NewRoom(name, name, Contracts.Rooms.RoomVisibilities.Public), cancellationToken);
        Assert.True(created.IsSuccess, created.Problem?.ToString());
        for (var i = 0; i < readers; i++)
        {
            var client = await system.NewUserAsync(owner.SignedIn!.Tenant, $"reader{i}", cancellationToken);
            var joined = await client.Rooms.JoinAsync(name, cancellationToken);
            Assert.True(joined.IsSuccess, joined.Problem?.ToString());
            var order = i % 2 == 0 ? MessageOrder.Server : MessageOrder.Client;
            room._readers.Add(await Reader.OpenAsync($"{name}/reader{i}/{order}", client, name, order, cancellationToken));
        }

        return room;
    }

    /// <summary>Posts <paramref name="total"/> messages; when <paramref name="at"/> of them are acknowledged the fault happens beside the rest. Then every reader must have everything.</summary>
    public async Task PostWhileAsync(int total, int at, Func<Task> fault, CancellationToken cancellationToken)
    {
        _acknowledged = 0;
        Posted += total;
        var reading = Task.WhenAll(_readers.Select(reader => reader.ReadToAsync(Posted, cancellationToken)));
        var struck = AcknowledgedAsync(at, cancellationToken);
        var posting = Senders.PostAsync([Owner], Name, total, senders: 8, cancellationToken, Acknowledge);
        await await Task.WhenAny(struck, posting);
        await fault();
        var seqs = await posting;
        Assert.Equal(Enumerable.Range(Posted - total + 1, total).Select(seq => (long)seq), seqs);
        await reading;
    }

    /// <summary>Posts without waiting for readers.</summary>
    public async Task PostAsync(int total, CancellationToken cancellationToken)
    {
        Posted += total;
        await Senders.PostAsync([Owner], Name, total, senders: 4, cancellationToken);
    }

    /// <summary>Every reader must have everything that was posted.</summary>
    public Task ReadAllAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_readers.Select(reader => reader.ReadToAsync(Posted, cancellationToken)));

    /// <summary>Completes when so many messages of the present run are acknowledged.</summary>
    public Task AcknowledgedAsync(int count, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_acknowledged >= count)
            {
                return Task.CompletedTask;
            }

            _milestones.Add((count, reached));
        }

        return reached.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            await reader.DisposeAsync();
        }

        await Owner.DisposeAsync();
    }

    private void Acknowledge(int count)
    {
        lock (_lock)
        {
            _acknowledged = Math.Max(_acknowledged, count);
            foreach (var (at, reached) in _milestones)
            {
                if (_acknowledged >= at)
                {
                    reached.TrySetResult();
                }
            }
        }
    }
}
