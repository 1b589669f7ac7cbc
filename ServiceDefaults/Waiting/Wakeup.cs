namespace ServiceDefaults.Waiting;

/// <summary>A wait that any caller can end early by ringing; at most one ring is remembered. One waiter, any number of ringers.</summary>
public sealed class Wakeup(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    /// <summary>Ends the present wait, or the next one at once.</summary>
    public void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // A ring is pending already.
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits; the last ring came late.
        }
    }

    /// <summary>Completes after <paramref name="length"/>, or when it is rung for.</summary>
    public async Task WaitAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(length, time, ended.Token);
        var rung = _rung.WaitAsync(ended.Token);
        await Task.WhenAny(delay, rung);

        // Whichever of the two lost the race is cancelled by us.
        await ended.CancelAsync();
        await delay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await rung.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _rung.Dispose();
}
