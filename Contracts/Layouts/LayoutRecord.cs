using System.Text.Json.Serialization;

namespace Contracts.Layouts;

/// <summary>What a layout is for: everything (both null), a tenant, or a room of a tenant. The narrowest scope that has a layout wins.</summary>
/// <param name="Tenant">Tenant id; null: everything.</param>
/// <param name="Room">Room id within the tenant; null: all of the tenant's rooms.</param>
public readonly record struct LayoutScope(string? Tenant = null, string? Room = null)
{
    /// <summary>Everything.</summary>
    public static LayoutScope All => default;

    /// <summary>Whether the ids follow <see cref="Ids.Rule"/>, and a room has its tenant.</summary>
    public bool IsValid => (Tenant is null || Ids.IsValid(Tenant)) && (Room is null || (Tenant is not null && Ids.IsValid(Room)));

    /// <summary><c>all</c>, <c>tenant</c> or <c>tenant/room</c>.</summary>
    public override string ToString() => Tenant is null ? "all" : Room is null ? Tenant : $"{Tenant}/{Room}";
}

/// <summary>Which rooms of a scope are canaries. For a room's own layout the rule is empty: the room itself is the canary.</summary>
/// <param name="Tenants">Ids of tenants; only where the scope is everything.</param>
/// <param name="Rooms">Rooms as <c>tenant/room</c>, all within the scope.</param>
/// <param name="PerMille">
/// Share of rooms in per mille, chosen by a stable hash: a room that is chosen stays chosen as the share grows. 0 to 1000.
/// </param>
public sealed record CanaryRule(IReadOnlyList<string> Tenants, IReadOnlyList<string> Rooms, int PerMille)
{
    /// <summary>Most entries of either list.</summary>
    public const int MaxEntries = 1_000;
}

/// <summary>What a layout is to become; see <see cref="LayoutRecord"/>.</summary>
/// <param name="Stage">One of <see cref="LayoutStages"/>.</param>
/// <param name="Step">One of <see cref="LayoutSteps"/>.</param>
/// <param name="Shards">Message shards of a room, 1 to <see cref="LayoutRules.MaxShards"/>.</param>
/// <param name="NextShards">While resharding: the number to come; else null.</param>
/// <param name="ShardKey">One of <see cref="ShardKeys"/>.</param>
/// <param name="Canary">Only in <see cref="LayoutStages.Canary"/>.</param>
public sealed record LayoutState(
    string Stage,
    string Step,
    int Shards,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? NextShards,
    string ShardKey,
    CanaryRule? Canary = null);

/// <summary>
/// One version of a scope's layout. Immutable: every change is a new record with a greater epoch. Epochs are drawn from one counter for all scopes,
/// so they are also the order in which all changes happened.
/// </summary>
/// <param name="Epoch">1, 2, 3 ...</param>
/// <param name="Scope">What it is for.</param>
/// <param name="State">The layout; null: the scope no longer has one of its own and follows the wider one.</param>
/// <param name="By">Who asked: a user, <c>autopilot</c>, <c>planner</c>, a command line.</param>
/// <param name="Reason">Why, in words; up to 500 characters.</param>
/// <param name="At">Database time.</param>
public sealed record LayoutRecord(
    long Epoch,
    LayoutScope Scope,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] LayoutState? State,
    string By,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Reason,
    DateTimeOffset At);
