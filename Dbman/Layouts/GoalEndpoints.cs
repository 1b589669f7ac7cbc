using System.Globalization;
using Contracts.Dbman;
using Contracts.Layouts;
using Dbman.Requests;
using ServiceDefaults.Errors;

namespace Dbman.Layouts;

/// <summary>Goals of the driver, and the history of decisions.</summary>
internal static class GoalEndpoints
{
    private const int MaxText = 2_000;
    private const int MaxFigures = 100;

    public static void MapGoals(this RouteGroupBuilder routes)
    {
        routes.MapGet(DbmanRoutes.LayoutGoals, ListAsync);
        routes.MapPut(DbmanRoutes.LayoutGoals, SetAsync);
        routes.MapPost(DbmanRoutes.ClearLayoutGoal, ClearAsync);
        routes.MapGet(DbmanRoutes.LayoutDecisions, ListDecisionsAsync);
        routes.MapPost(DbmanRoutes.LayoutDecisions, AddDecisionAsync);
    }

    private static async Task<IResult> ListAsync(GoalStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(new LayoutGoalsResponse(await store.ListAsync(cancellationToken)));

    private static async Task<IResult> SetAsync(SetLayoutGoalRequest request, GoalStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.State("target", request.Scope, request.Target);
        check.Origin(request.By, request.Reason);
        check.That(!request.IsDry || request.Autopilot, "isDry", "belongs to the autopilot.");
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.SetAsync(request, cancellationToken) is { } goal
            ? TypedResults.Ok(goal)
            : Problems.Conflict(request.Replaces is null
                ? "There are as many goals as there may be; some must be reached or cleared first."
                : $"The goal of {request.Scope} is not the one that was to be replaced.");
    }

    private static async Task<IResult> ClearAsync(LayoutGoal goal, GoalStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Scope(goal.Scope);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        await store.ClearAsync(goal, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AddDecisionAsync(AddLayoutDecisionRequest request, GoalStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Scope(request.Scope);
        check.Range("epoch", request.Epoch, 0, long.MaxValue);
        check.Text("decision", request.Decision, LayoutChecks.MaxName);
        check.Text("by", request.By, LayoutChecks.MaxName);
        check.Text("text", request.Text, MaxText);
        check.Range("figures.count", request.Figures.Count, 0, MaxFigures);
        foreach (var (name, value) in request.Figures)
        {
            check.Text("figures", name, LayoutChecks.MaxName);
            check.That(double.IsFinite(value), "figures", "must be finite.");
        }

        return check.Problem is { } problem ? problem : TypedResults.Created((string?)null, await store.AddAsync(request, cancellationToken));
    }

    private static async Task<IResult> ListDecisionsAsync(
        GoalStore store, CancellationToken cancellationToken, long before = long.MaxValue, int limit = 100)
    {
        var check = default(Check);
        check.Before(before, limit);
        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok((await store.ListAsync(before, limit, cancellationToken)).ToPage(
                limit, static decision => decision.Id.ToString(CultureInfo.InvariantCulture)));
    }
}
