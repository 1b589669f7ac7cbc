using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;

namespace Tests.Dbman.Layouts;

/// <summary>States of a layout, and calls that tests make again and again.</summary>
internal static class Layout
{
    public static LayoutState Legacy() => new(LayoutStages.Legacy, LayoutSteps.None, 4, null, ShardKeys.Message);

    public static LayoutState Shadow() => new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    public static LayoutState Canary(IReadOnlyList<string>? tenants = null, IReadOnlyList<string>? rooms = null, int perMille = 0) =>
        new(LayoutStages.Canary, LayoutSteps.None, 4, null, ShardKeys.Message, new CanaryRule(tenants ?? [], rooms ?? [], perMille));

    public static LayoutState Cutover(string step = LayoutSteps.None) => new(LayoutStages.Cutover, step, 4, null, ShardKeys.Message);

    public static LayoutState Sharded(int shards) => new(LayoutStages.Sharded, LayoutSteps.None, shards, null, ShardKeys.Message);

    public static LayoutState Reshard(string step, int shards, int next) => new(LayoutStages.Sharded, step, shards, next, ShardKeys.Message);

    public static Task<ServiceResult<LayoutRecord>> TryChangeAsync(
        this DbmanClient client, LayoutScope scope, long expected, LayoutState? state, CancellationToken cancellationToken) =>
        client.Layouts.ChangeAsync(new ChangeLayoutRequest(scope, expected, state, "test", "because"), cancellationToken);

    public static async Task<LayoutRecord> ChangeAsync(
        this DbmanClient client, LayoutScope scope, long expected, LayoutState? state, CancellationToken cancellationToken) =>
        (await client.TryChangeAsync(scope, expected, state, cancellationToken)).Ok();

    /// <summary>Takes a scope through states one after the other; answers the last record.</summary>
    public static async Task<LayoutRecord> WalkAsync(
        this DbmanClient client, LayoutScope scope, long expected, CancellationToken cancellationToken, params IReadOnlyList<LayoutState?> states)
    {
        LayoutRecord? last = null;
        foreach (var state in states)
        {
            last = await client.ChangeAsync(scope, expected, state, cancellationToken);
            expected = last.Epoch;
        }

        return last!;
    }

    public static async Task<NodeHeartbeatResponse> BeatAsync(
        this DbmanClient client, string node, long applied, CancellationToken cancellationToken, int lease = 60_000, string? note = null) =>
        (await client.Layouts.BeatAsync(node, new NodeHeartbeat(applied, Math.Max(0, applied), lease, Note: note), cancellationToken)).Ok();
}
