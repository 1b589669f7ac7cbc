namespace Contracts;

/// <summary>Bounds that both sides of the wire rely on. Services may be configured tighter, never wider.</summary>
public static class Limits
{
    /// <summary>Longest message text, in UTF-16 characters.</summary>
    public const int MessageText = 8_000;

    /// <summary>Most attachments of one message.</summary>
    public const int MessageAttachments = 16;

    /// <summary>Longest signal payload, in UTF-8 bytes: a WebRTC offer with many candidates stays below it.</summary>
    public const int SignalBytes = 32 * 1024;

    /// <summary>
    /// Deepest nesting of a signal's payload: with the frame around it what System.Text.Json reads by default. What is nested deeper would pass a
    /// server that does not look at it, and break those who read it.
    /// </summary>
    public const int SignalDepth = 63;

    /// <summary>Most messages of one history page.</summary>
    public const int HistoryPage = 500;

    /// <summary>Most entries of any other page.</summary>
    public const int Page = 200;

    /// <summary>Most messages in one append call.</summary>
    public const int AppendBatch = 256;

    /// <summary>Most rooms in one heads call.</summary>
    public const int HeadsBatch = 1_000;

    /// <summary>Most events in one publish call.</summary>
    public const int PublishBatch = 512;

    /// <summary>Most sessions of one answer about ended sessions.</summary>
    public const int RevokedPage = 1_000;

    /// <summary>Longest display name, room name, or file name, in UTF-16 characters.</summary>
    public const int Name = 200;
}
