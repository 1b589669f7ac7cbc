namespace Dashboard.Otlp;

/// <summary>What came in and what did not, since the start.</summary>
internal sealed class IntakeCounts
{
    private long _logs;
    private long _spans;
    private long _points;
    private long _rejected;
    private long _refused;

    public long Logs => Interlocked.Read(ref _logs);

    public long Spans => Interlocked.Read(ref _spans);

    public long Points => Interlocked.Read(ref _points);

    /// <summary>Items of accepted requests that could not be taken; their senders were told.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Requests without the key, or too many at a time.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public void TookLogs(int count) => Interlocked.Add(ref _logs, count);

    public void TookSpans(int count, int rejected)
    {
        Interlocked.Add(ref _spans, count);
        Interlocked.Add(ref _rejected, rejected);
    }

    public void TookPoints(int count, int rejected)
    {
        Interlocked.Add(ref _points, count);
        Interlocked.Add(ref _rejected, rejected);
    }

    public void Refuse() => Interlocked.Increment(ref _refused);
}
