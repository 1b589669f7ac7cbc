using Contracts;
using Contracts.Results;
using Layouts.Console.Live;

namespace Layouts.Console.Overview;

/// <summary>What is not well whatever was counted: a dependency that does not answer, nodes without a lease, layouts that wait.</summary>
internal static class SystemRules
{
    /// <summary>A node or replica that is gone for longer than this was replaced long since.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);

    /// <summary>Names in one reason.</summary>
    private const int MostNames = 3;

    /// <param name="now">Layouts and nodes.</param>
    /// <param name="problem">Why dbman did not answer the newest question; null: it did.</param>
    /// <param name="hasRedis">Whether the node that is asked has a connection to Redis.</param>
    public static IEnumerable<Reason> Of(ConsoleSnapshot now, ServiceProblem? problem, bool hasRedis)
    {
        if (problem is not null)
        {
            yield return Of(problem);
        }

        if (!hasRedis)
        {
            yield return new(
                Condition.Unwell,
                "realtime: this node has no connection to Redis; it delivers nothing that is published elsewhere, and publishes nothing",
                "Bring Redis back, or the way to it. Messages catch up from history by themselves; signals of that time are lost.",
                Runbook.Publishing);
        }

        // What was read of layouts before the problem says nothing about now.
        if (problem is not null || now.Status is not { } status)
        {
            yield break;
        }

        var gone = status.Nodes.Where(static node => !node.IsLive && node.SeenMilliseconds < Lately.TotalMilliseconds).ToArray();
        if (status.Nodes.Count > 0 && !status.Nodes.Any(static node => node.IsLive))
        {
            yield return new(
                Condition.Unwell,
                "realtime: no node has a lease, so nothing is published",
                "See whether realtime runs and reaches dbman; with dbman back, nodes take their leases within seconds.",
                Runbook.NoLease,
                ConsoleRoutes.Nodes);
        }
        else if (gone.Length > 0)
        {
            var note = gone.Select(static node => node.Note).OfType<string>().FirstOrDefault();
            yield return new(
                Condition.Degraded,
                $"realtime: no lease for {Names([.. gone.Select(static node => node.Node)])}{(note is null ? "" : $" ({note})")}",
                $"It died, or does not reach dbman: see its pod and its log. After {Lately.TotalMinutes:0} minutes it is left out here.",
                Runbook.NoLease,
                ConsoleRoutes.Nodes);
        }

        foreach (var scope in status.Scopes.Where(static scope => scope.Goal is { WaitsFor.Count: > 0 }))
        {
            yield return new(
                Condition.Degraded,
                $"layouts: {scope.Scope} waits on its way to {scope.Goal!.Name}: {scope.Goal.WaitsFor[0]}",
                "A step waits until every live node has applied the one before. Bring the named node back or end it.",
                Runbook.StepHangs,
                ConsoleRoutes.Layouts);
        }
    }

    /// <summary>A few names, and how many more.</summary>
    public static string Names(IReadOnlyList<string> names) =>
        names.Count <= MostNames ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostNames))} and {names.Count - MostNames} more";

    private static Reason Of(ServiceProblem problem) => problem switch
    {
        { Type: ProblemTypes.DatabaseUnavailable } => new(
            Condition.Unwell,
            $"dbman answers, and PostgreSQL cannot be used: {Text(problem)}",
            "Bring PostgreSQL back; dbman recovers by itself. Until then nothing is stored or read.",
            Runbook.DbmanIsNotReady),
        { Type: ProblemTypes.DatabaseTimeout } => new(
            Condition.Unwell,
            $"dbman answers, and PostgreSQL does not in time: {Text(problem)}",
            "Look for locks and long statements (pg_stat_activity), then at its disk and CPU.",
            Runbook.DbmanTimesOut),
        { Type: ProblemTypes.Overloaded } => new(
            Condition.Unwell,
            $"dbman refuses even this page's question, as more comes than it can handle: {Text(problem)}",
            "Add replicas within the connection budget; if commits are slow, PostgreSQL lacks something.",
            Runbook.Overloaded),
        { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden } => new(
            Condition.Unwell,
            $"dbman does not take this node's calls: {Text(problem)}",
            "List the public key of realtime's key among dbman's (service-keys), the former one beside it while they restart.",
            Runbook.Credential),
        _ => new(
            Condition.Unwell,
            $"dbman cannot be reached: {Text(problem)}",
            "See whether its pods run and are ready, and their log. Until then nothing is stored or read, and nodes lose their leases.",
            Runbook.DbmanIsNotReady),
    };

    private static string Text(ServiceProblem problem) => (problem.Detail ?? problem.Title).TrimEnd('.');
}
