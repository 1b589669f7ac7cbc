namespace Tests.Infrastructure;

/// <summary>
/// This machine's clock, whose elapsed time a test can put forward: a wait that may last for minutes on a busy machine ends when the test says so,
/// and not before. Timers run as usual, and so does the time of day, by which tokens expire.
/// </summary>
internal sealed class ForwardTime : TimeProvider
{
    private long _ahead;

    public void Forward(TimeSpan length) => Interlocked.Add(ref _ahead, (long)(length.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _ahead);
}
