using System.Globalization;
using Contracts.Layouts;
using Layouts.Figures;

namespace Layouts.Autopilot;

/// <summary>What the gates look at.</summary>
/// <param name="Scope">Whose layout is to be left.</param>
/// <param name="State">That layout.</param>
/// <param name="Window">What all nodes counted since the soak began.</param>
/// <param name="Silent">Live nodes without fresh figures.</param>
/// <param name="LegacySeconds">
/// 99th percentile of the scope's legacy copies, as of the last promotion; null: unknown. Used once legacy copies are no longer published.
/// </param>
internal sealed record GateFacts(LayoutScope Scope, LayoutState State, FigureWindow Window, IReadOnlyList<string> Silent, double? LegacySeconds);

/// <summary>
/// The autopilot's gates: figures against bounds, nothing else. Parity, latency and failures are of the scope's own rooms; losses, repairs and slow
/// consumers are counted for all rooms of the nodes, as one room's flood takes from all of them.
/// </summary>
internal static class Gates
{
    private const int MaxNamed = 5;

    /// <summary>Slow sockets that are allowed in any case: with few subscriptions a single one would be too large a part of them.</summary>
    private const long AllowedSlowConsumers = 5;

    public static IReadOnlyList<Gate> Judge(GateFacts facts, AutopilotOptions options)
    {
        var parts = facts.Window.Nodes.Select(node => node.Of(facts.Scope)).OfType<ScopeWindow>().ToArray();
        var scope = ScopeWindow.Sum(parts);
        var delivery = facts.Window.Nodes.Select(static node => node.Delivery).ToArray();
        return
        [
            Fresh(facts, parts.Length),
            Parity(facts.State, scope.Parity, options),
            Latency(facts, scope, options),
            Failed(scope, options),
            Ratio(GateNames.Repaired, "holes filled from history", delivery.Sum(static node => node.Repaired), delivery, options.MaxRepairedRatio, options),
            Ratio(GateNames.Lost, "messages dropped or fetched again", delivery.Sum(static node => node.Dropped + node.Retransmitted), delivery, options.MaxLostRatio, options),
            Slow(facts.Window, options),
        ];
    }

    /// <summary>A node without reports may be the one that fails.</summary>
    private static Gate Fresh(GateFacts facts, int counting)
    {
        Gate Open(string text) => new(GateNames.Figures, GateState.Open, null, null, "1", text);

        return facts.Silent.Count > 0
                ? Open($"no fresh figures of {string.Join(", ", facts.Silent.Take(MaxNamed))}{(facts.Silent.Count > MaxNamed ? $" and {facts.Silent.Count - MaxNamed} more" : "")}")
            : facts.Window.Nodes.Count == 0 ? Open("no node has reported figures")
            : counting < facts.Window.Nodes.Count
                ? Open($"{counting} of {facts.Window.Nodes.Count} nodes count the scope apart: {FigureLimits.Scopes} scopes are, those under way and the widest first")
            : new Gate(GateNames.Figures, GateState.Holds, counting, null, "1", $"{counting} node(s) report");
    }

    /// <summary>
    /// Compared where rooms listen to the legacy channel. In canary fewer and fewer do, so the parity seen in shadow counts where too little is
    /// compared.
    /// </summary>
    private static Gate Parity(LayoutState state, ParityFigures parity, AutopilotOptions options)
    {
        Gate Of(GateState says, double? value, string text) => new(GateNames.Parity, says, value, options.MinParity, "1", text);

        if (state.Stage is not (LayoutStages.Shadow or LayoutStages.Canary))
        {
            return Of(GateState.Holds, null, $"not compared in {state.Stage}");
        }

        if (parity.Compared < options.MinCompared)
        {
            return state.Stage == LayoutStages.Canary
                ? Of(GateState.Holds, null, $"{parity.Compared} events compared, too few to tell; that of shadow counts")
                : Of(GateState.Open, null, $"{parity.Compared} of {options.MinCompared} events compared");
        }

        var ratio = (double)parity.Match / parity.Compared;
        return Of(
            ratio >= options.MinParity ? GateState.Holds : GateState.Broken,
            ratio,
            $"of {parity.Compared} events {parity.Missing} were missing on shards, {parity.Extra} on the legacy channel, {parity.Payload} differed");
    }

    private static Gate Latency(GateFacts facts, ScopeWindow scope, AutopilotOptions options)
    {
        Gate Of(GateState says, double? value, double? bound, string text) => new(GateNames.Latency, says, value, bound, "s", text);

        if (scope.Sharded.Total < options.MinPublished)
        {
            return Of(GateState.Open, null, null, $"{scope.Sharded.Total} of {options.MinPublished} copies published to shards");
        }

        var sharded = scope.Sharded.PercentileSeconds(99)!.Value;
        var publishesLegacy = LayoutRules.RoutesOf(facts.State).Publish.Contains(LayoutRules.Legacy);
        if (publishesLegacy && scope.Legacy.Total < options.MinPublished)
        {
            return Of(GateState.Open, sharded, null, $"{scope.Legacy.Total} of {options.MinPublished} copies published to the legacy channel");
        }

        var legacy = publishesLegacy ? scope.Legacy.PercentileSeconds(99) : facts.LegacySeconds;
        var bound = legacy is { } known
            ? Math.Max(known * options.MaxLatencyRatio, known + options.LatencySlack.TotalSeconds)
            : options.MaxLatency.TotalSeconds;
        return Of(
            sharded <= bound ? GateState.Holds : GateState.Broken,
            sharded,
            bound,
            $"p99 of shards {Milliseconds(sharded)}, {(legacy is { } p99 ? $"of the legacy channel{(publishesLegacy ? "" : ", when it was left,")} {Milliseconds(p99)}" : "the legacy channel's is not known")}");
    }

    private static Gate Failed(ScopeWindow scope, AutopilotOptions options)
    {
        var all = scope.Legacy.Total + scope.Sharded.Total + scope.Failed;
        if (all < options.MinPublished)
        {
            return new Gate(GateNames.Failed, GateState.Open, null, options.MaxFailedRatio, "1", $"{all} of {options.MinPublished} copies published");
        }

        var ratio = (double)scope.Failed / all;
        return new Gate(
            GateNames.Failed,
            ratio <= options.MaxFailedRatio ? GateState.Holds : GateState.Broken,
            ratio,
            options.MaxFailedRatio,
            "1",
            $"{scope.Failed} of {all} copies were not taken by the broker");
    }

    private static Gate Ratio(string name, string what, long count, IReadOnlyList<DeliveryFigures> delivery, double bound, AutopilotOptions options)
    {
        // Compared with a minimum: one stall among the first messages is no ratio. A count too high even for the minimum fails at once, before that
        // many arrive.
        var delivered = delivery.Sum(static node => node.Delivered);
        var ratio = (double)count / Math.Max(delivered, options.MinDelivered);
        return ratio > bound ? new Gate(name, GateState.Broken, ratio, bound, "1", $"{count} {what}, {delivered} delivered")
            : delivered + count < options.MinDelivered
                ? new Gate(name, GateState.Open, null, bound, "1", $"{delivered} of {options.MinDelivered} messages delivered")
            : new Gate(name, GateState.Holds, ratio, bound, "1", $"{count} {what}, {delivered} delivered");
    }

    private static Gate Slow(FigureWindow window, AutopilotOptions options)
    {
        var closed = window.Nodes.Sum(static node => node.Delivery.SlowConsumers);

        // A subscription gets every kind, and is in the list once for each.
        var subscribers = window.Nodes.Sum(static node => node.Last.Subscriptions
            .GroupBy(static part => part.Layout, StringComparer.Ordinal)
            .Sum(static layout => layout.Max(static part => part.Subscribers)));
        var bound = Math.Max(AllowedSlowConsumers, options.MaxSlowRatio * subscribers);
        return new Gate(
            GateNames.SlowConsumers,
            closed <= bound ? GateState.Holds : GateState.Broken,
            closed,
            bound,
            "1",
            $"{closed} sockets closed as too slow, {subscribers} subscriptions");
    }

    private static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.##} ms");
}
