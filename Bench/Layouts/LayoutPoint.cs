using Contracts.Layouts;

namespace Bench.Layouts;

/// <summary>A state on the walk.</summary>
/// <param name="Name">Its name in the table; null: passed through, not measured.</param>
/// <param name="State">Compatible with the ones before and after.</param>
internal sealed record LayoutPoint(string? Name, LayoutState State)
{
    /// <summary>Legacy to sharded with 4 shards, from there to 1, 8 and 16, and back.</summary>
    public static IReadOnlyList<LayoutPoint> Walk { get; } =
    [
        Of("legacy", LayoutStages.Legacy),
        Of("shadow, 4 shards", LayoutStages.Shadow),
        Of("canary, 4 shards", LayoutStages.Canary),
        Of("cutover, both", LayoutStages.Cutover, LayoutSteps.Listen),
        Of(null, LayoutStages.Cutover),
        Of("sharded, 4", LayoutStages.Sharded),
        .. Reshard(4, 1),
        .. Reshard(1, 8),
        .. Reshard(8, 16),
        Of(null, LayoutStages.Cutover, shards: 16),
        Of(null, LayoutStages.Cutover, LayoutSteps.Listen, 16),
        Of(null, LayoutStages.Canary, shards: 16),
        Of(null, LayoutStages.Shadow, shards: 16),
        Of("legacy again", LayoutStages.Legacy),
    ];

    /// <summary>From one family of channels to another, each state compatible with the one before.</summary>
    /// <param name="from">Shards; 0: the legacy channel.</param>
    /// <param name="to">Shards; 0 only where <paramref name="from"/> is.</param>
    public static IEnumerable<LayoutState> Between(int from, int to) =>
        (from == to ? []
            : from > 0 ? Reshard(from, to)
            : (LayoutPoint[])
            [
                Of(null, LayoutStages.Legacy, shards: to),
                Of(null, LayoutStages.Shadow, shards: to),
                Of(null, LayoutStages.Canary, shards: to),
                Of(null, LayoutStages.Cutover, LayoutSteps.Listen, to),
                Of(null, LayoutStages.Cutover, shards: to),
                Of(null, LayoutStages.Sharded, shards: to),
            ]).Select(static point => point.State);

    private static LayoutPoint[] Reshard(int from, int to) =>
    [
        Of(from == 8 ? "sharded, 8 to 16, both" : null, LayoutStages.Sharded, LayoutSteps.Widen, from, to),
        Of(null, LayoutStages.Sharded, LayoutSteps.Listen, from, to),
        Of($"sharded, {to}", LayoutStages.Sharded, shards: to),
    ];

    private static LayoutPoint Of(string? name, string stage, string step = LayoutSteps.None, int shards = 4, int? next = null) =>
        new(name, new LayoutState(stage, step, shards, next, ShardKeys.Message, stage == LayoutStages.Canary ? new CanaryRule([], [], 1_000) : null));
}
