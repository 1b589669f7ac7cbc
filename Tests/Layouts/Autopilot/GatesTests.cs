using Contracts.Layouts;
using Layouts.Autopilot;
using Layouts.Figures;

namespace Tests.Layouts.Autopilot;

/// <summary>Each gate alone, over figures as nodes report them.</summary>
public sealed class GatesTests
{
    private static readonly AutopilotOptions Options = new();

    private static readonly TimeSpan Soak = TimeSpan.FromMinutes(5);

    private static readonly NodeFigures Before = Counted.Node(
        parity: new ParityFigures(500, 400, 0, 0, 0), legacy: Counted.Copies(700, 1), sharded: Counted.Copies(700, 900), failed: 600, delivery: new DeliveryFigures(9_000, 800, 0, 0, 700, 600));

    /// <summary>Good figures, one of which is changed.</summary>
    public static TheoryData<string, string, string?> Changes => new()
    {
        { "good", LayoutStages.Shadow, null },
        { "missing", LayoutStages.Shadow, GateNames.Parity },
        { "missing", LayoutStages.Canary, GateNames.Parity },
        { "extra", LayoutStages.Shadow, GateNames.Parity },
        { "payload", LayoutStages.Shadow, GateNames.Parity },
        { "slow", LayoutStages.Shadow, GateNames.Latency },
        { "slow", LayoutStages.Canary, GateNames.Latency },
        { "slow in a tail of two hundredths", LayoutStages.Shadow, GateNames.Latency },
        { "slow in a tail of half a hundredth", LayoutStages.Shadow, null },
        { "failed", LayoutStages.Shadow, GateNames.Failed },
        { "failed", LayoutStages.Sharded, GateNames.Failed },
        { "repaired", LayoutStages.Canary, GateNames.Repaired },
        { "dropped", LayoutStages.Cutover, GateNames.Lost },
        { "retransmitted", LayoutStages.Sharded, GateNames.Lost },
        { "slow consumers", LayoutStages.Canary, GateNames.SlowConsumers },
        { "five slow consumers", LayoutStages.Canary, null },
        { "a fraction of a millisecond", LayoutStages.Shadow, null },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void OneBrokenGateLeadsBack_WhateverTheOthersSay(string change, string stage, string? broken)
    {
        var gates = Judge(stage, Add(Before, change), legacySeconds: 0.001);
        Assert.Equal(broken is null ? [] : [broken], gates.Where(static gate => gate.State == GateState.Broken).Select(static gate => gate.Name));
        Assert.DoesNotContain(gates, static gate => gate.State == GateState.Open);
        var verdict = Verdict.Of(gates, Soak, Soak);
        Assert.Equal(broken is null ? VerdictKind.Promote : VerdictKind.RollBack, verdict.Kind);
        Assert.Equal(broken is null ? VerdictKind.Hold : VerdictKind.RollBack, Verdict.Of(gates, Soak - TimeSpan.FromSeconds(1), Soak).Kind);
        if (broken is not null)
        {
            var gate = gates.Single(gate => gate.Name == broken);
            Assert.NotNull(gate.Value);
            Assert.NotNull(gate.Bound);
            Assert.Contains(broken, verdict.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(LayoutStages.Shadow, "figures", "parity", "latency", "failed", "repaired", "lost")]
    [InlineData(LayoutStages.Canary, "figures", "latency", "failed", "repaired", "lost")]
    [InlineData(LayoutStages.Sharded, "figures", "latency", "failed", "repaired", "lost")]
    public void TooLittleTrafficHolds_HoweverLong(string stage, params string[] open)
    {
        var gates = Judge(stage, Before, 0.001);
        Assert.Equal(open.Skip(1), gates.Where(static gate => gate.State == GateState.Open).Select(static gate => gate.Name));
        Assert.Equal(VerdictKind.Hold, Verdict.Of(gates, Soak * 100, Soak).Kind);
    }

    [Theory]
    [InlineData(1_000, 17, 2, GateState.Open, GateState.Open)]
    [InlineData(0, 51, 1, GateState.Broken, GateState.Open)]
    [InlineData(1_000, 0, 11, GateState.Open, GateState.Broken)]
    [InlineData(10_000, 50, 10, GateState.Holds, GateState.Holds)]
    public void OneStallAmongTheFirstMessagesIsNoRatio_AndMoreThanWouldDoForAllIsNotWaitedOut(long delivered, long lost, long repaired, object losses, object repairs)
    {
        var old = Before.Delivery;
        var after = Before with { UptimeMilliseconds = Before.UptimeMilliseconds + 300_000, Delivery = old with { Delivered = old.Delivered + delivered, Retransmitted = old.Retransmitted + lost, Repaired = old.Repaired + repaired } };
        var gates = Judge(LayoutStages.Canary, after, 0.001);
        Assert.Equal(losses, gates.Single(static gate => gate.Name == GateNames.Lost).State);
        Assert.Equal(repairs, gates.Single(static gate => gate.Name == GateNames.Repaired).State);
    }

    [Theory]
    [InlineData(null, 50, GateState.Holds)]
    [InlineData(null, 200, GateState.Broken)]
    [InlineData(0.001, 50, GateState.Broken)]
    [InlineData(0.1, 120, GateState.Holds)]
    [InlineData(0.1, 200, GateState.Broken)]
    public void ShardedIsHeldAgainstWhatTheLegacyChannelTook_OrAgainstTheAbsoluteBound(double? legacy, double milliseconds, object expected)
    {
        var after = Counted.Node(uptime: 1_300, parity: Before.Scopes[0].Parity, legacy: Before.Scopes[0].Legacy, failed: 600, sharded: Counted.Copies(5_000, milliseconds));
        var window = FigureWindow.Between(
            Counted.Reading(0, Counted.View(Before with { Scopes = [Before.Scopes[0] with { Sharded = LatencyFigures.None }] })), Counted.Reading(300, Counted.View(after)));
        var gates = Gates.Judge(new GateFacts(Counted.Scope, State(LayoutStages.Sharded), window, [], legacy), Options);
        Assert.Equal(expected, gates.Single(static gate => gate.Name == GateNames.Latency).State);
    }

    [Fact]
    public void ALiveNodeWithoutFreshFiguresHolds_ButDoesNotHideWhatIsBroken()
    {
        var first = Counted.Reading(0, Counted.View(Before));
        var silent = Counted.View(Counted.Node("n2"), age: 60_000);
        var good = Counted.Reading(300, Counted.View(Add(Before, "good")), silent);
        Assert.Equal(["n2"], good.Silent);
        var gates = Gates.Judge(new GateFacts(Counted.Scope, State(LayoutStages.Shadow), FigureWindow.Between(first, good), good.Silent, null), Options);
        Assert.Equal(GateState.Open, gates.Single(static gate => gate.Name == GateNames.Figures).State);
        Assert.Equal(VerdictKind.Hold, Verdict.Of(gates, Soak * 2, Soak).Kind);

        var bad = Counted.Reading(300, Counted.View(Add(Before, "missing")), silent);
        gates = Gates.Judge(new GateFacts(Counted.Scope, State(LayoutStages.Shadow), FigureWindow.Between(first, bad), bad.Silent, null), Options);
        Assert.Equal(VerdictKind.RollBack, Verdict.Of(gates, TimeSpan.Zero, Soak).Kind);
    }

    [Fact]
    public void AScopeThatIsNotCountedApartHolds()
    {
        var after = Add(Before, "good") with { Scopes = [] };
        var gates = Judge(LayoutStages.Shadow, after, null);
        Assert.Contains(gates, static gate => gate is { Name: GateNames.Figures, State: GateState.Open });
    }

    private static IReadOnlyList<Gate> Judge(string stage, NodeFigures after, double? legacySeconds)
    {
        var window = FigureWindow.Between(Counted.Reading(0, Counted.View(Before)), Counted.Reading(300, Counted.View(after)));
        return Gates.Judge(new GateFacts(Counted.Scope, State(stage), window, [], legacySeconds), Options);
    }

    private static LayoutState State(string stage) =>
        new(stage, LayoutSteps.None, 4, null, ShardKeys.Message, stage == LayoutStages.Canary ? new CanaryRule([], [], 10) : null);

    /// <summary>What the node counts in five minutes: healthy but for <paramref name="change"/>.</summary>
    private static NodeFigures Add(NodeFigures before, string change)
    {
        var parity = change switch
        {
            "missing" => new ParityFigures(9_900, 100, 0, 0, 0),
            "extra" => new ParityFigures(9_900, 0, 100, 0, 0),
            "payload" => new ParityFigures(9_900, 0, 0, 100, 0),
            _ => new ParityFigures(10_000, 1, 0, 0, 50),
        };
        var (slow, milliseconds) = change switch
        {
            "slow" => (10_000L, 20),
            "slow in a tail of two hundredths" => (200L, 20),
            "slow in a tail of half a hundredth" => (50L, 20),
            "a fraction of a millisecond" => (10_000L, 4),
            _ => (0L, 20),
        };
        var delivery = change switch
        {
            "repaired" => new DeliveryFigures(10_000, 0, 0, 0, 11, 0),
            "dropped" => new DeliveryFigures(10_000, 51, 0, 0, 0, 0),
            "retransmitted" => new DeliveryFigures(10_000, 0, 51, 0, 10, 0),
            "slow consumers" => new DeliveryFigures(10_000, 0, 0, 0, 0, 6),
            "five slow consumers" => new DeliveryFigures(10_000, 0, 0, 0, 0, 5),
            _ => new DeliveryFigures(10_000, 20, 20, 9_000, 10, 0),
        };
        var scope = before.Scopes[0];
        var old = before.Delivery;
        return before with
        {
            UptimeMilliseconds = before.UptimeMilliseconds + 300_000,
            Delivery = new DeliveryFigures(
                old.Delivered + delivery.Delivered,
                old.Dropped + delivery.Dropped,
                old.Retransmitted + delivery.Retransmitted,
                old.Duplicates + delivery.Duplicates,
                old.Repaired + delivery.Repaired,
                old.SlowConsumers + delivery.SlowConsumers),
            Scopes =
            [
                scope with
                {
                    Parity = new ParityFigures(
                        scope.Parity.Match + parity.Match,
                        scope.Parity.Missing + parity.Missing,
                        scope.Parity.Extra + parity.Extra,
                        scope.Parity.Payload + parity.Payload,
                        scope.Parity.Skipped + parity.Skipped),
                    Legacy = Sum(scope.Legacy, Counted.Copies(10_000, 1)),
                    Sharded = Sum(scope.Sharded, Counted.Copies(10_000 - slow, 1), Counted.Copies(slow, milliseconds)),
                    Failed = scope.Failed + (change == "failed" ? 40 : 1),
                },
            ],
        };
    }

    private static LatencyFigures Sum(params LatencyFigures[] parts)
    {
        var counts = new long[LatencyBuckets.Count];
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Counts.Count; i++)
            {
                counts[part.First + i] += part.Counts[i];
            }
        }

        return new LatencyFigures(0, counts);
    }
}
