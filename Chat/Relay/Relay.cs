namespace Chat.Relay;

/// <summary>Runs lanes. When the service stops, what waits in them is published, as far as <see cref="RelayOptions.FlushTimeout"/> allows.</summary>
internal abstract class Relay<T>(IReadOnlyList<PublishLane<T>> lanes, RelayOptions options, TimeProvider time) : IHostedService
{
    // Never disposed: it holds no timer, and a host that is stopped twice at once may stop this after it was disposed of.
    private readonly CancellationTokenSource _abort = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(lanes.Select(lane => Task.Run(() => lane.RunAsync(_abort.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>The server has stopped before, so nothing more is enqueued.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in lanes)
        {
            lane.Complete();
        }

        using var deadline = new CancellationTokenSource(options.FlushTimeout, time);
        await using var timeout = deadline.Token.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await using var shutdown = cancellationToken.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await _running;
    }
}
