using Contracts.Layouts;
using Contracts.Replicas;

namespace Layouts.Console.Overview;

/// <summary>Whether it is well, at one moment. Immutable; worked out once for all pages of a node.</summary>
/// <param name="Verdict">The worst of the reasons.</param>
/// <param name="Headline">The same in words.</param>
/// <param name="Reasons">The worst first.</param>
/// <param name="At">When the figures were read; null: there are none.</param>
/// <param name="IsOld">They could not be read since.</param>
/// <param name="Span">Over how long counts and percentiles are, in words.</param>
/// <param name="Dbman">Tiles of the gateway; empty: no replica reports.</param>
/// <param name="DbmanNote">What is to be said instead of them; null: nothing.</param>
/// <param name="Replicas">Each replica of dbman.</param>
/// <param name="Realtime">Tiles of delivery.</param>
/// <param name="Publishing">By kind and layout.</param>
/// <param name="Nodes">Each realtime node.</param>
/// <param name="Brokers">What Redis works, as the driver has measured it; null: not measured yet.</param>
internal sealed record OverviewView(
    Condition Verdict,
    string Headline,
    IReadOnlyList<Reason> Reasons,
    DateTimeOffset? At,
    bool IsOld,
    string Span,
    IReadOnlyList<Tile> Dbman,
    string? DbmanNote,
    IReadOnlyList<ReplicaRow> Replicas,
    IReadOnlyList<Tile> Realtime,
    IReadOnlyList<PublishLine> Publishing,
    IReadOnlyList<NodeRow> Nodes,
    BrokerFigures? Brokers = null)
{
    public static OverviewView Nothing { get; } = new(Condition.Reading, "Looking …", [], null, IsOld: false, "", [], null, [], [], [], []);
}

/// <summary>Why it is not well.</summary>
/// <param name="Kind">How bad that is.</param>
/// <param name="Text">What is seen.</param>
/// <param name="Next">What to do about it.</param>
/// <param name="Page">Heading of the runbook that says more.</param>
/// <param name="Href">Where the console shows more; null: nowhere.</param>
internal sealed record Reason(Condition Kind, string Text, string Next, string Page, string? Href = null);

/// <summary>A figure with the line of its last minutes.</summary>
/// <param name="Name">For tests and for the style sheet.</param>
/// <param name="Title">What it is.</param>
/// <param name="Figure">With its unit.</param>
/// <param name="Note">What belongs to it.</param>
/// <param name="Kind">Whether it is beyond a bound.</param>
/// <param name="Value">What the line is made of; null: none.</param>
/// <param name="Line">See <see cref="SparkLine"/>.</param>
public sealed record Tile(string Name, string Title, string Figure, string Note, Condition Kind, double? Value, string Line = "");

/// <summary>Copies of one kind in one layout.</summary>
internal sealed record PublishLine(string Kind, string Layout, double PerSecond, long Failed, double? P50, double? P95, double? P99, bool IsSlow);

/// <summary>One replica of dbman over the window.</summary>
public sealed record ReplicaRow(
    string Replica,
    string? Version,
    TimeSpan Age,
    bool IsSilent,
    double PerSecond,
    double? P50,
    double? P95,
    double? P99,
    long Failed,
    long Timeouts,
    long Refused,
    PoolFigures Pool);

/// <summary>One realtime node over the window.</summary>
/// <param name="Node">As the control plane knows it.</param>
/// <param name="Version">Of the software.</param>
/// <param name="IsLive">Whether it has a lease.</param>
/// <param name="Age">How old its last sign of life is.</param>
/// <param name="Sockets">Open ones.</param>
/// <param name="Figures">Null: it has reported none, as older versions do.</param>
public sealed record NodeRow(string Node, string? Version, bool IsLive, TimeSpan Age, int Sockets, NodeCells? Figures);

/// <summary>What a node has counted over the window.</summary>
/// <param name="Subscribers">Subscriptions of its sockets to rooms.</param>
/// <param name="Published">Copies a second.</param>
/// <param name="WorstP99">Of publishing, in seconds, of whichever kind and layout.</param>
/// <param name="NotTaken">Copies that the broker did not take.</param>
/// <param name="Delivered">Message frames a second.</param>
/// <param name="Dropped">Messages that were not kept.</param>
/// <param name="Refetched">Messages that were fetched again.</param>
/// <param name="TooSlow">Sockets that were closed.</param>
public sealed record NodeCells(long Subscribers, double Published, double? WorstP99, long NotTaken, double Delivered, long Dropped, long Refetched, long TooSlow)
{
    internal static NodeCells Of(NodeSum sum) => new(
        sum.Subscribers,
        sum.Publishing.Sum(static part => part.PerSecond),
        sum.Publishing.Max(static part => part.Latency.PercentileSeconds(99)),
        sum.Publishing.Sum(static part => part.Failed),
        sum.DeliveredPerSecond,
        sum.Dropped,
        sum.Refetched,
        sum.SlowConsumers);
}
