namespace ServiceDefaults.Waiting;

/// <summary>Waits out a <see cref="Backoff"/>, attempt by attempt.</summary>
public sealed class BackoffTimer(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private readonly Backoff _backoff = new(first, longest);
    private int _attempts;

    /// <summary>The wait that comes next.</summary>
    public TimeSpan Next() => _backoff.Wait(++_attempts);

    /// <summary>Waits.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);

    /// <summary>After a success.</summary>
    public void Reset() => _attempts = 0;
}
