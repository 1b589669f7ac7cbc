namespace ServiceDefaults.Waiting;

/// <summary>Waits that double up to a bound, with jitter so that rooms which failed together do not come back together.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider time)
{
    private int _steps;

    /// <summary>The wait that comes next: between half and all of the present step.</summary>
    public TimeSpan Next()
    {
        // The step stops growing long before the power overflows.
        var step = first * Math.Pow(2, Math.Min(_steps++, 30));
        return (step < longest ? step : longest) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);

    /// <summary>After a success.</summary>
    public void Reset() => _steps = 0;
}
