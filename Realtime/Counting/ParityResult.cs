namespace Realtime.Counting;

/// <summary>What became of an event's two copies.</summary>
internal enum ParityResult
{
    /// <summary>Both came, byte for byte the same.</summary>
    Match,

    /// <summary>Only the legacy channel carried it.</summary>
    Missing,

    /// <summary>Only a shard carried it.</summary>
    Extra,

    /// <summary>Both came and differ.</summary>
    Payload,

    /// <summary>Too many waited; nothing is known of it.</summary>
    Skipped,
}
