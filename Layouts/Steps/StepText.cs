using System.Globalization;
using Contracts.Layouts;

namespace Layouts.Steps;

/// <summary>Layouts and steps in words, for people who decide about them.</summary>
internal static class StepText
{
    /// <summary>What <see cref="Effects"/> says where there is none.</summary>
    public const string NoEffect = "no channel changes";

    /// <summary>Such as <c>canary (4 shards, 10 % of rooms)</c>.</summary>
    public static string Name(LayoutState? state) => state switch
    {
        null => "as the wider layout",
        { Step: LayoutSteps.None } => $"{state.Stage} ({Details(state)})",
        _ => $"{state.Stage}/{state.Step} ({Details(state)})",
    };

    /// <summary>Such as <c>the 4 shards</c>.</summary>
    public static string Family(int family) => family switch
    {
        LayoutRules.Legacy => "the legacy channel",
        1 => "the 1 shard",
        _ => $"the {family} shards",
    };

    /// <summary>What changes by the step.</summary>
    public static IReadOnlyList<string> Effects(LayoutState before, LayoutState after)
    {
        var old = LayoutRules.RoutesOf(before);
        var next = LayoutRules.RoutesOf(after);
        List<string> effects = [];
        effects.AddRange(next.Publish.Except(old.Publish).Select(static family => $"events go to {Family(family)} too"));
        effects.AddRange(old.Publish.Except(next.Publish).Select(static family => $"events no longer go to {Family(family)}"));
        if (old.Listen != next.Listen)
        {
            effects.Add($"rooms listen to {Family(next.Listen)} instead of {Family(old.Listen)}");
        }

        if (next.CanaryListen != next.Listen)
        {
            effects.Add($"canaries ({Canaries(after.Canary)}) listen to {Family(next.CanaryListen)}");
        }
        else if (old.CanaryListen != old.Listen && next.Listen == old.Listen)
        {
            effects.Add($"canaries listen to {Family(next.Listen)} again");
        }

        if (before.ShardKey != after.ShardKey)
        {
            effects.Add($"shards are chosen by the {after.ShardKey}'s id");
        }

        if (effects.Count == 0)
        {
            effects.Add(NoEffect);
        }

        return effects;
    }

    /// <summary>Who canaries are.</summary>
    public static string Canaries(CanaryRule? rule)
    {
        if (rule is null or { Tenants.Count: 0, Rooms.Count: 0, PerMille: 0 })
        {
            return rule is null ? "none" : "none chosen, but a room with a layout of its own";
        }

        List<string> parts = [];
        if (rule.PerMille > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rule.PerMille / 10.0:0.#} % of rooms"));
        }

        if (rule.Tenants.Count > 0)
        {
            parts.Add($"{rule.Tenants.Count} tenant(s)");
        }

        if (rule.Rooms.Count > 0)
        {
            parts.Add($"{rule.Rooms.Count} room(s)");
        }

        return string.Join(", ", parts);
    }

    private static string Details(LayoutState state)
    {
        var shards = state.NextShards is { } next ? $"{state.Shards} -> {next} shards" : state.Shards == 1 ? "1 shard" : $"{state.Shards} shards";
        var key = state.ShardKey == ShardKeys.Message ? "" : $", by {state.ShardKey}";
        var canary = state.Canary is { } rule and not { Tenants.Count: 0, Rooms.Count: 0, PerMille: 0 } ? $", {Canaries(rule)}" : "";
        return shards + key + canary;
    }
}
