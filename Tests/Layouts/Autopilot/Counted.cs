using Contracts.Layouts;
using Layouts.Figures;

namespace Tests.Layouts.Autopilot;

/// <summary>Figures of nodes as they might report them.</summary>
internal static class Counted
{
    public static readonly LayoutScope Scope = new("acme");

    public static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    /// <summary>A node that has been up for <paramref name="uptime"/> seconds.</summary>
    public static NodeFigures Node(
        string source = "n1",
        double uptime = 1_000,
        ParityFigures? parity = null,
        LatencyFigures? legacy = null,
        LatencyFigures? sharded = null,
        long failed = 0,
        DeliveryFigures? delivery = null,
        long subscribers = 100,
        bool countsScope = true) => new(
            source,
            (long)(uptime * 1_000),
            [],
            delivery ?? new DeliveryFigures(0, 0, 0, 0, 0, 0),
            [new SubscriptionFigures("legacy", "all", 1, subscribers), new SubscriptionFigures("sharded", "message", 4, 0)],
            countsScope ? [new ScopeFigures(Scope, parity ?? ParityFigures.None, legacy ?? LatencyFigures.None, sharded ?? LatencyFigures.None, failed)] : [],
            HotRooms.None);

    /// <summary>So many copies, each as slow.</summary>
    public static LatencyFigures Copies(long count, double milliseconds) => new(LatencyBuckets.IndexOf(TimeSpan.FromMilliseconds(milliseconds)), [count]);

    public static NodeView View(NodeFigures? figures, string? node = null, long age = 0, bool isLive = true) => new(
        node ?? figures!.Source, 1, isLive, Start, 0, 1, 1, FiguresMilliseconds: figures is null ? null : age, Figures: figures);

    /// <summary>What is read <paramref name="seconds"/> after the start.</summary>
    public static FigureReading Reading(double seconds, params NodeView[] nodes) =>
        FigureReading.Of(Start.AddSeconds(seconds), new NodesResponse(1, nodes), TimeSpan.FromSeconds(20));
}
