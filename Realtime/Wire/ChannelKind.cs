namespace Realtime.Wire;

/// <summary>What an envelope carries. The number is on the wire: never reuse one.</summary>
internal enum ChannelKind : byte
{
    /// <summary>A stored message; ordered and repaired by its seq.</summary>
    Message = 1,

    /// <summary>From one socket to others of the room; not stored.</summary>
    Signal = 2,

    /// <summary>Joins, leaves, roles and other changes of a room; not stored.</summary>
    System = 3,

    /// <summary>From node to node; never reaches a client.</summary>
    Control = 4,

    /// <summary>Several messages of one room: see <see cref="Wire.Bundle"/>. Read from wire version <see cref="Wire.Bundle.Since"/> on.</summary>
    Bundle = 5,
}
