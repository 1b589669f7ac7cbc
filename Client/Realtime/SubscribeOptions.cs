namespace Client.Realtime;

/// <summary>What to receive of a room.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Deliver the messages that follow this seq, stored ones first. 0: all. Null: only what is posted from now on.</summary>
    public long? After { get; init; }

    /// <summary>Who sorts.</summary>
    public MessageOrder Order { get; init; }
}
