namespace Realtime.Wire;

/// <summary>What a channel carries.</summary>
internal enum ListenedKind
{
    /// <summary>The legacy channel: everything.</summary>
    All,
    Message,
    Signal,
    System,
}
