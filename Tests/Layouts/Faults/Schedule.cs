using System.Globalization;
using Contracts.Layouts;

namespace Tests.Layouts.Faults;

/// <summary>A way to one layout, and what happens on it.</summary>
/// <param name="Target">Where to.</param>
/// <param name="Faults">What breaks on the way.</param>
internal sealed record Leg(LayoutState Target, IReadOnlyList<ScheduledFault> Faults)
{
    public override string ToString() =>
        $"{Target.Stage} {Target.Shards} [{string.Join(", ", Faults.Select(static s => $"{s.Kind}@{s.Step}.{s.Moment} victim {s.Victim} for {s.Hold}"))}]";
}

/// <summary>What is to happen, made from a seed or by hand.</summary>
/// <param name="Name">Seed, or what it is about.</param>
/// <param name="Legs">One behind the other.</param>
internal sealed record Schedule(string Name, IReadOnlyList<Leg> Legs)
{
    private const int MaxHold = 250;

    private static readonly int[] Shards = [1, 2, 3, 4, 8, 16];

    public override string ToString() => $"{Name}: {string.Join(" -> ", Legs)}";

    /// <summary>The same seed makes the same schedule, always.</summary>
    public static Schedule Of(int seed)
    {
        // An algorithm that is fixed by its definition (xorshift): the framework's may change with its version.
        var random = new Dice((uint)seed);
        var legs = Enumerable.Range(0, 2 + random.Next(2)).Select(_ => RandomLeg(random)).ToArray();
        return new Schedule(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"), legs);
    }

    /// <summary>Through every stage and back, forward again, 4 -> 16 -> 2, home: with one fault in every step, of all kinds at all moments by turns.</summary>
    public static Schedule OfAll(int turn)
    {
        (LayoutState Target, int Steps)[] way = [(State(LayoutStages.Sharded, 4), 6), (State(LayoutStages.Legacy, 4), 5), (State(LayoutStages.Sharded, 4), 5), (State(LayoutStages.Sharded, 16), 3), (State(LayoutStages.Sharded, 2), 3), (State(LayoutStages.Legacy, 2), 5)];
        var kinds = Enum.GetValues<FaultKind>();
        var moments = Enum.GetValues<Moment>();
        var n = turn;
        var legs = way.Select(part => new Leg(
            part.Target,
            [.. Enumerable.Range(0, part.Steps).Select(step =>
            {
                n++;
                return new ScheduledFault(kinds[n % kinds.Length], step, moments[((n / kinds.Length) + n) % moments.Length], n, 20 + (n * 37 % MaxHold));
            })]));
        return new Schedule(string.Create(CultureInfo.InvariantCulture, $"every step, turn {turn}"), [.. legs]);
    }

    public static LayoutState State(string stage, int shards) => new(
        stage, LayoutSteps.None, shards, null, ShardKeys.Message, stage == LayoutStages.Canary ? new CanaryRule([], [], 500) : null);

    private static Leg RandomLeg(Dice random)
    {
        var target = State(LayoutStages.All[random.Next(LayoutStages.All.Count)], Shards[random.Next(Shards.Length)]);
        var faults = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => new ScheduledFault(
            (FaultKind)random.Next(Enum.GetValues<FaultKind>().Length), random.Next(5), (Moment)random.Next(Enum.GetValues<Moment>().Length), random.Next(8), random.Next(MaxHold)));
        return new Leg(target, [.. faults.OrderBy(static fault => fault.Step)]);
    }

    private sealed class Dice(uint seed)
    {
        private uint _state = (seed * 2_654_435_769) ^ 0x9E37_79B9 | 1;

        public int Next(int below)
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return (int)(_state % (uint)below);
        }
    }
}
