namespace Contracts.Layouts;

/// <summary>Names of the stages of a room's channel layout, in order. <see cref="LayoutRules"/> says what each publishes and listens to.</summary>
public static class LayoutStages
{
    /// <summary>One channel for everything.</summary>
    public const string Legacy = "legacy";

    /// <summary>Publishes to the shards too; nobody's delivery depends on them. A sample of rooms compares the copies.</summary>
    public const string Shadow = "shadow";

    /// <summary>Publishes to both; chosen rooms listen to the shards.</summary>
    public const string Canary = "canary";

    /// <summary>All rooms listen to the shards; with <see cref="LayoutSteps.Listen"/> the legacy channel is still published to.</summary>
    public const string Cutover = "cutover";

    /// <summary>Shards only; the legacy channel is retired. The number of shards can change.</summary>
    public const string Sharded = "sharded";

    /// <summary>All stages in order.</summary>
    public static IReadOnlyList<string> All { get; } = [Legacy, Shadow, Canary, Cutover, Sharded];
}

/// <summary>Steps within a stage. A stage without steps has <see cref="None"/>.</summary>
public static class LayoutSteps
{
    /// <summary>The stage itself.</summary>
    public const string None = "";

    /// <summary>Resharding: publishes to the old and the new shards, listens to the old ones.</summary>
    public const string Widen = "widen";

    /// <summary>Listens to the new channels, publishes to the old ones as well.</summary>
    public const string Listen = "listen";
}

/// <summary>What decides the shard of a message.</summary>
public static class ShardKeys
{
    /// <summary>The message's id: spreads evenly.</summary>
    public const string Message = "message";

    /// <summary>The sender's id: one sender's messages stay on one channel, and so in order even before they are put in order.</summary>
    public const string Sender = "sender";
}
