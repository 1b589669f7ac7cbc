using System.Runtime.CompilerServices;

namespace Dashboard.Telemetry;

/// <summary>
/// Tells readers that there is something new, at the rate each of them asks for: a store that changes a thousand times a second wakes a page four
/// times. A change without readers costs one interlocked addition.
/// </summary>
internal sealed class ChangeSignal(TimeProvider time)
{
    private long _version;

    // Set by readers that wait, taken by the next change.
    private TaskCompletionSource? _waiters;

    public long Version => Interlocked.Read(ref _version);

    public void Notify()
    {
        Interlocked.Increment(ref _version);
        if (Volatile.Read(ref _waiters) is not null)
        {
            Interlocked.Exchange(ref _waiters, null)?.TrySetResult();
        }
    }

    /// <summary>The version now, and each later one, but never two within <paramref name="pause"/>.</summary>
    public async IAsyncEnumerable<long> WatchAsync(TimeSpan pause, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = Version;
            yield return seen;
            await Task.Delay(pause, time, cancellationToken);
            await ChangeAsync(seen, cancellationToken);
        }
    }

    private async Task ChangeAsync(long seen, CancellationToken cancellationToken)
    {
        while (Version == seen)
        {
            var waiters = Volatile.Read(ref _waiters);
            if (waiters is null)
            {
                var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiters = Interlocked.CompareExchange(ref _waiters, created, null) ?? created;
            }

            // A change between the look above and this registration has seen no waiter: look again before waiting.
            if (Version != seen)
            {
                return;
            }

            await waiters.Task.WaitAsync(cancellationToken);
        }
    }
}
