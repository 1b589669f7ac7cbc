namespace Contracts.Layouts;

/// <summary>
/// Where a layout publishes to and listens to, and which layout may follow which.
/// </summary>
/// <remarks>
/// A family is a set of channels that together carry all events of a room: 0 is the legacy channel, N the layout with N message shards. An
/// event is published to every channel that its families name for it; a listener of a family gets it if the publisher's families include that family.
/// <para>
/// The one rule of safety: dbman adds a record only when every node with a valid lease has applied all earlier ones. So at any time nodes differ by
/// at most one record, and it suffices that neighbouring records are compatible (<see cref="AreCompatible"/>): what a node publishes to under one
/// includes what a node listens to under the other, in both directions.
/// </para>
/// </remarks>
public static class LayoutRules
{
    /// <summary>The legacy channel, as a family.</summary>
    public const int Legacy = 0;

    /// <summary>Most message shards of a room.</summary>
    public const int MaxShards = 64;

    /// <summary>Message shards of a room that never had another number.</summary>
    public const int DefaultShards = 4;

    /// <summary>The layout of a scope for which there is no record.</summary>
    public static LayoutState Initial { get; } = new(LayoutStages.Legacy, LayoutSteps.None, DefaultShards, null, ShardKeys.Message);

    /// <summary>Families that events are published to, the one that is listened to last in the list.</summary>
    public static LayoutRoutes RoutesOf(LayoutState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return (state.Stage, state.Step) switch
        {
            (LayoutStages.Legacy, LayoutSteps.None) => new([Legacy], Legacy, Legacy),
            (LayoutStages.Shadow, LayoutSteps.None) => new([Legacy, state.Shards], Legacy, Legacy),
            (LayoutStages.Canary, LayoutSteps.None) => new([Legacy, state.Shards], Legacy, state.Shards),
            (LayoutStages.Cutover, LayoutSteps.Listen) => new([Legacy, state.Shards], state.Shards, state.Shards),
            (LayoutStages.Cutover, LayoutSteps.None) => new([state.Shards], state.Shards, state.Shards),
            (LayoutStages.Sharded, LayoutSteps.None) => new([state.Shards], state.Shards, state.Shards),
            (LayoutStages.Sharded, LayoutSteps.Widen) => new([state.Shards, state.NextShards!.Value], state.Shards, state.Shards),
            (LayoutStages.Sharded, LayoutSteps.Listen) => new([state.Shards, state.NextShards!.Value], state.NextShards.Value, state.NextShards.Value),
            _ => throw new ArgumentOutOfRangeException(nameof(state), $"There is no stage '{state.Stage}' with step '{state.Step}'."),
        };
    }

    /// <summary>Why a state is invalid by itself; null: it is valid.</summary>
    public static string? Check(LayoutScope scope, LayoutState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var known = state.Step switch
        {
            LayoutSteps.None => LayoutStages.All.Contains(state.Stage),
            LayoutSteps.Listen => state.Stage is LayoutStages.Cutover or LayoutStages.Sharded,
            LayoutSteps.Widen => state.Stage == LayoutStages.Sharded,
            _ => false,
        };
        var reshards = state.Stage == LayoutStages.Sharded && state.Step != LayoutSteps.None;
        return !scope.IsValid ? "scope: tenant and room must be valid ids, and a room needs its tenant."
            : !known ? $"stage: there is no '{state.Stage}' with step '{state.Step}'."
            : state.Shards is < 1 or > MaxShards ? $"shards: 1 to {MaxShards}."
            : reshards != state.NextShards.HasValue ? "nextShards: belongs to the steps of resharding, and only to them."
            : state.NextShards is < 1 or > MaxShards ? $"nextShards: 1 to {MaxShards}."
            : state.NextShards == state.Shards ? "nextShards: is the present number."
            : state.ShardKey is not (ShardKeys.Message or ShardKeys.Sender) ? "shardKey: message or sender."
            : (state.Stage == LayoutStages.Canary) != (state.Canary is not null) ? "canary: belongs to the stage canary, and only to it."
            : state.Canary is { } canary ? Check(scope, canary)
            : null;
    }

    /// <summary>
    /// Whether nodes on either side of the change understand each other: every family that one listens to is published to by the other.
    /// </summary>
    public static bool AreCompatible(LayoutState before, LayoutState after)
    {
        var old = RoutesOf(before);
        var next = RoutesOf(after);
        return old.Reaches(next) && next.Reaches(old) && (before.ShardKey == after.ShardKey || !SharesShards(old, next));
    }

    /// <summary>Whether both mean the same channels for every room, so that a scope of its own can be opened or given up without a change.</summary>
    public static bool AreEqual(LayoutState left, LayoutState right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var a = RoutesOf(left);
        var b = RoutesOf(right);
        return a.Publish.Order().SequenceEqual(b.Publish.Order()) && a.Listen == b.Listen && a.CanaryListen == b.CanaryListen && a.Listen == a.CanaryListen
            && (left.ShardKey == right.ShardKey || a.Publish is [Legacy]);
    }

    // A message must be on the same shard for both sides, or one side could look for it where it is not: within a family the key stays.
    private static bool SharesShards(in LayoutRoutes old, in LayoutRoutes next) => old.Publish.Intersect(next.Publish).Any(static family => family != Legacy);

    private static string? Check(LayoutScope scope, CanaryRule rule) =>
        rule.PerMille is < 0 or > 1_000 ? "canary.perMille: 0 to 1000."
        : rule.Tenants.Count > CanaryRule.MaxEntries || rule.Rooms.Count > CanaryRule.MaxEntries ? $"canary: {CanaryRule.MaxEntries} tenants and rooms at most."
        : scope.Tenant is not null && rule.Tenants.Count > 0 ? "canary.tenants: only where the scope is everything."
        : scope.Room is not null && (rule.Rooms.Count > 0 || rule.PerMille != 0) ? "canary: a room's own layout needs no choice."
        : !rule.Tenants.All(Ids.IsValid) ? $"canary.tenants: {Ids.Rule}."
        : rule.Rooms.FirstOrDefault(room => !IsRoomOf(scope, room)) is { } stranger ? $"canary.rooms: '{stranger}' is no tenant/room of the scope."
        : null;

    private static bool IsRoomOf(LayoutScope scope, string room) =>
        room.Split('/') is [var tenant, var id] && Ids.IsValid(tenant) && Ids.IsValid(id) && (scope.Tenant is null || scope.Tenant == tenant);
}

/// <summary>Families of a layout; see <see cref="LayoutRules"/>.</summary>
/// <param name="Publish">Every event goes to all of them.</param>
/// <param name="Listen">Rooms listen to this one.</param>
/// <param name="CanaryListen">Canaries listen to this one.</param>
public readonly record struct LayoutRoutes(IReadOnlyList<int> Publish, int Listen, int CanaryListen)
{
    /// <summary>Whether listeners by the other routes get what is published by these.</summary>
    public bool Reaches(in LayoutRoutes listeners) => Publish.Contains(listeners.Listen) && Publish.Contains(listeners.CanaryListen);
}
