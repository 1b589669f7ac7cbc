namespace Realtime.Channels;

/// <summary>
/// How long this node may act on the layouts that it has applied. Counted by this machine's monotonic clock from before the heartbeat was sent, so it
/// ends before dbman thinks that it does; a process that was frozen finds it ended when it thaws.
/// </summary>
internal sealed class NodeLease(TimeProvider time)
{
    // Timestamp of the end; written by the agent, read by every publish.
    private long _until = long.MinValue;

    /// <summary>Whether the lease is held at this moment.</summary>
    public bool Holds => time.GetTimestamp() < Volatile.Read(ref _until);

    /// <summary>Prolongs it to <paramref name="length"/> behind <paramref name="sentAt"/>, a timestamp of the same clock.</summary>
    public void Prolong(long sentAt, TimeSpan length) =>
        Volatile.Write(ref _until, sentAt + (long)(length.TotalSeconds * time.TimestampFrequency));

    /// <summary>Gives it up.</summary>
    public void End() => Volatile.Write(ref _until, long.MinValue);
}
