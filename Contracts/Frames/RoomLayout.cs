namespace Contracts.Frames;

/// <summary>
/// The channels by which a node listens to a room, as clients see them: for display only, nothing that a client does depends on it.
/// </summary>
/// <param name="Name"><see cref="Legacy"/> or <see cref="Sharded"/>; more may come.</param>
/// <param name="Shards">Over how many channels the room's messages are spread; null where one channel carries everything.</param>
/// <param name="Epoch">Number of the layout's record when the node began to listen like this; 0: there never was one.</param>
public sealed record RoomLayout(string Name, int? Shards = null, long Epoch = 0)
{
    /// <summary>One channel for everything.</summary>
    public const string Legacy = "legacy";

    /// <summary>Messages on several channels, signals and system events on one each.</summary>
    public const string Sharded = "sharded";

    /// <summary>Whether both mean the same channels, whenever that began.</summary>
    public bool IsSameAs(RoomLayout? other) => other is not null && Name == other.Name && Shards == other.Shards;
}
