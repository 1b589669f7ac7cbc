using Contracts.Layouts;

namespace Layouts.Steps;

/// <summary>
/// The way from one layout to another, one step at a time; each step is compatible with the one before (<see cref="LayoutRules.AreCompatible"/>).
/// </summary>
/// <remarks>
/// <para>
/// <b>The line.</b> With shards and key as they are: legacy, shadow, canary, cutover(listen), cutover, sharded, and from there into a reshard:
/// sharded(widen), sharded(listen). Forwards and backwards are the same line, so a rollback is a walk like any other.
/// </para>
/// <para>
/// <b>Another number of shards.</b> Between cutover(listen) and sharded, and bound for cutover or sharded: by a reshard, so that rooms never go back
/// to the legacy channel. Else on the way through shadow, where nobody listens to the shards.
/// </para>
/// <para>
/// <b>Another key.</b> A message must be on one and the same shard for both sides of a step, so within a set of shards the key stays: the way leads
/// back to shadow, and if the number of shards stays the same, to legacy.
/// </para>
/// <para>
/// <b>A reshard under way</b> is left towards the number that is wanted, if that is one of its two; else by the shorter way: back while nobody
/// listens to the new shards, forward when everybody does.
/// </para>
/// <para>Nothing is remembered between steps: the next driver finds the same way from wherever the layout is.</para>
/// </remarks>
internal static class LayoutPath
{
    private const int Legacy = 0;
    private const int Shadow = 1;
    private const int Canary = 2;
    private const int CutoverListen = 3;
    private const int Cutover = 4;
    private const int Sharded = 5;
    private const int Widen = 6;
    private const int Listen = 7;

    /// <summary>
    /// Rooms of 1000 that are canaries when a walk passes through canary and nobody has said which: few enough to notice a fault on, enough to find
    /// one.
    /// </summary>
    public const int PassingPerMille = 100;

    /// <summary>No way is longer: down from sharded to legacy, up again, through a reshard.</summary>
    public const int MaxSteps = 16;

    /// <summary>What comes after <paramref name="current"/> on the way to <paramref name="target"/>; null when it is reached.</summary>
    /// <param name="scope">Whose layout it is; a room's canary has no rule.</param>
    /// <param name="current">A valid state.</param>
    /// <param name="target">A valid state.</param>
    /// <param name="passing">How many of 1000 rooms are canaries when canary is only passed through.</param>
    public static LayoutState? Next(LayoutScope scope, LayoutState current, LayoutState target, int passing)
    {
        var from = Position(current);
        var to = Position(target);
        if (AreSame(current, target))
        {
            return null;
        }

        if (from >= Widen)
        {
            return LeaveReshard(current, target);
        }

        var isSameFamily = current.Shards == target.Shards && current.ShardKey == target.ShardKey;
        var position = isSameFamily ? Toward(from, to) : TowardFamily(current, target, from, to);
        return position switch
        {
            // Another rule of the same canary, or legacy with another number to come.
            _ when position == to && (isSameFamily || from <= Shadow || position == Legacy) => target,
            Legacy => At(position, target.Shards, target.ShardKey),
            Shadow when from <= Shadow => At(position, target.Shards, target.ShardKey),
            Canary => At(position, current.Shards, current.ShardKey) with { Canary = new CanaryRule([], [], scope.Room is null ? passing : 0) },
            Widen => At(position, current.Shards, current.ShardKey) with { NextShards = isSameFamily ? target.NextShards : target.Shards },
            _ => At(position, current.Shards, current.ShardKey),
        };
    }

    /// <summary>All states behind <paramref name="current"/>, the last of which is <paramref name="target"/>.</summary>
    public static IEnumerable<LayoutState> Walk(LayoutScope scope, LayoutState current, LayoutState target, int passing)
    {
        for (var state = Next(scope, current, target, passing); state is not null; state = Next(scope, state, target, passing))
        {
            yield return state;
        }
    }

    /// <summary>By value; lists of canaries in whatever order.</summary>
    public static bool AreSame(LayoutState left, LayoutState right) =>
        left with { Canary = null } == right with { Canary = null }
        && (left.Canary, right.Canary) switch
        {
            (null, null) => true,
            ({ } a, { } b) => a.PerMille == b.PerMille
                && a.Tenants.ToHashSet(StringComparer.Ordinal).SetEquals(b.Tenants)
                && a.Rooms.ToHashSet(StringComparer.Ordinal).SetEquals(b.Rooms),
            _ => false,
        };

    /// <summary>Whether the step leads back towards legacy.</summary>
    public static bool IsBackward(LayoutState before, LayoutState after) => Position(after) < Position(before) && !Completes(before, after);

    private static bool Completes(LayoutState before, LayoutState after) =>
        before.Step == LayoutSteps.Listen && Position(after) == Sharded && after.Shards == before.NextShards;

    private static int Position(LayoutState state) => (state.Stage, state.Step) switch
    {
        (LayoutStages.Legacy, LayoutSteps.None) => Legacy,
        (LayoutStages.Shadow, LayoutSteps.None) => Shadow,
        (LayoutStages.Canary, LayoutSteps.None) => Canary,
        (LayoutStages.Cutover, LayoutSteps.Listen) => CutoverListen,
        (LayoutStages.Cutover, LayoutSteps.None) => Cutover,
        (LayoutStages.Sharded, LayoutSteps.None) => Sharded,
        (LayoutStages.Sharded, LayoutSteps.Widen) => Widen,
        (LayoutStages.Sharded, LayoutSteps.Listen) => Listen,
        _ => throw new ArgumentOutOfRangeException(nameof(state), $"There is no stage '{state.Stage}' with step '{state.Step}'."),
    };

    private static LayoutState At(int position, int shards, string key) => position switch
    {
        Legacy => new(LayoutStages.Legacy, LayoutSteps.None, shards, null, key),
        Shadow => new(LayoutStages.Shadow, LayoutSteps.None, shards, null, key),
        Canary => new(LayoutStages.Canary, LayoutSteps.None, shards, null, key),
        CutoverListen => new(LayoutStages.Cutover, LayoutSteps.Listen, shards, null, key),
        Cutover => new(LayoutStages.Cutover, LayoutSteps.None, shards, null, key),
        Sharded => new(LayoutStages.Sharded, LayoutSteps.None, shards, null, key),
        Widen => new(LayoutStages.Sharded, LayoutSteps.Widen, shards, null, key),
        _ => throw new ArgumentOutOfRangeException(nameof(position)),
    };

    private static int Toward(int from, int to) => from + Math.Sign(to - from);

    /// <summary>The next position on the way to other shards or another key.</summary>
    private static int TowardFamily(LayoutState current, LayoutState target, int from, int to)
    {
        if (current.ShardKey == target.ShardKey && from >= CutoverListen && to >= Cutover)
        {
            return from + 1;
        }

        return from switch
        {
            Legacy => Math.Min(to, Shadow),
            Shadow when current.Shards != target.Shards => Math.Min(to, Shadow),
            _ => from - 1,
        };
    }

    private static LayoutState LeaveReshard(LayoutState current, LayoutState target)
    {
        var old = current.Shards;
        var next = current.NextShards!.Value;
        var isSameReshard = target.NextShards == next && target.Shards == old && target.ShardKey == current.ShardKey;
        if (isSameReshard)
        {
            return target;
        }

        var wanted = target.ShardKey == current.ShardKey ? target.Shards : (int?)null;
        return current.Step == LayoutSteps.Widen
            ? wanted == next ? current with { Step = LayoutSteps.Listen } : At(Sharded, old, current.ShardKey)
            : wanted == old ? current with { Step = LayoutSteps.Widen } : At(Sharded, next, current.ShardKey);
    }
}
