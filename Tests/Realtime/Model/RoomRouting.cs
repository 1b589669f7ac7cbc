using Contracts.Layouts;

namespace Tests.Realtime.Model;

/// <summary>
/// What one room sees of a layout: the families that its events are published to, and the one that it listens to. Which may follow which comes from
/// <see cref="LayoutRules"/>: one follows another if any two layouts that look like them do, each with the room as a canary or not.
/// </summary>
/// <remarks>
/// A routing is a number: family listened to * 3 + other family published to; the same family twice: no other. Families are legacy, 2 shards and 3 shards.
/// </remarks>
internal static class RoomRouting
{
    public const int Families = 3;

    public const int Count = Families * Families;

    /// <summary>A node's that has not read the layouts yet.</summary>
    public const int None = Count;

    private static readonly int[] FamilyNumbers = [LayoutRules.Legacy, 2, 3];

    private static readonly string[] FamilyNames = ["legacy", "2-shards", "3-shards"];

    /// <summary>All layouts of the walk from legacy to 2 shards, on to 3, and back by any way that the rules know.</summary>
    public static IReadOnlyList<LayoutState> Layouts { get; } = [.. AllLayouts()];

    /// <summary>For each routing a bit for each that may follow.</summary>
    public static IReadOnlyList<int> Successors { get; } = SuccessorsBy(LayoutRules.AreCompatible);

    /// <summary>The same when anything may follow anything.</summary>
    public static IReadOnlyList<int> Anything { get; } = SuccessorsBy(static (_, _) => true);

    /// <summary>Where everything starts.</summary>
    public static int Initial { get; } = Of(LayoutRules.Initial, isCanary: false);

    public static int Listens(int routing) => routing / Families;

    public static int Other(int routing) => routing % Families;

    /// <summary>A bit for each family that is published to.</summary>
    public static int Publishes(int routing) => (1 << Listens(routing)) | (1 << Other(routing));

    public static int Make(int listens, int other) => (listens * Families) + other;

    public static string NameOf(int family) => FamilyNames[family];

    public static string Describe(int routing) =>
        routing == None ? "nothing"
        : Listens(routing) == Other(routing) ? $"{NameOf(Listens(routing))}"
        : $"{NameOf(Listens(routing))}(+{NameOf(Other(routing))})";

    private static int Of(LayoutState layout, bool isCanary)
    {
        var routes = LayoutRules.RoutesOf(layout);
        var listens = isCanary ? routes.CanaryListen : routes.Listen;
        var other = routes.Publish.FirstOrDefault(family => family != listens, listens);
        return Make(Array.IndexOf(FamilyNumbers, listens), Array.IndexOf(FamilyNumbers, other));
    }

    private static int[] SuccessorsBy(Func<LayoutState, LayoutState, bool> mayFollow)
    {
        var successors = new int[Count];
        foreach (var before in Layouts)
        {
            foreach (var after in Layouts.Where(after => mayFollow(before, after)))
            {
                foreach (var (was, becomes) in from was in new[] { false, true } from becomes in new[] { false, true } select (was, becomes))
                {
                    successors[Of(before, was)] |= 1 << Of(after, becomes);
                }
            }
        }

        return successors;
    }

    private static IEnumerable<LayoutState> AllLayouts()
    {
        foreach (var shards in FamilyNumbers.Where(static family => family != LayoutRules.Legacy))
        {
            foreach (var stage in LayoutStages.All)
            {
                yield return Layout(stage, LayoutSteps.None, shards, null);
            }

            yield return Layout(LayoutStages.Cutover, LayoutSteps.Listen, shards, null);
            foreach (var next in FamilyNumbers.Where(next => next != LayoutRules.Legacy && next != shards))
            {
                yield return Layout(LayoutStages.Sharded, LayoutSteps.Widen, shards, next);
                yield return Layout(LayoutStages.Sharded, LayoutSteps.Listen, shards, next);
            }
        }
    }

    private static LayoutState Layout(string stage, string step, int shards, int? next) =>
        new(stage, step, shards, next, ShardKeys.Message, stage == LayoutStages.Canary ? new CanaryRule([], ["acme/lobby"], 0) : null);
}
