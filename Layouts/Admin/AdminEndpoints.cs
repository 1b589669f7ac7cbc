using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Contracts.Layouts;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Layouts.Admin;

/// <summary>Operators' API of layouts.</summary>
internal static class AdminEndpoints
{
    private const int MaxPage = 1_000;
    private const int MaxReason = 500;
    private const int MaxBy = 100;

    /// <summary>Two full lists of canaries, with room to spare.</summary>
    private const int MaxBodyBytes = 512 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var operators = routes.MapGroup("").RequireAuthorization(Policies.Operator).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        operators.MapGet(AdminRoutes.Layouts, StatusAsync);
        operators.MapPost(AdminRoutes.Plan, PlanAsync);
        operators.MapPut(AdminRoutes.Goal, SetGoalAsync);
        operators.MapDelete(AdminRoutes.Goal, ClearGoalAsync);
        operators.MapPost(AdminRoutes.Rollback, RollbackAsync);
        operators.MapPost(AdminRoutes.Reshard, ReshardAsync);
        operators.MapGet(AdminRoutes.History, HistoryAsync);
        operators.MapGet(AdminRoutes.Decisions, DecisionsAsync);
        operators.MapGet(AdminRoutes.Nodes, NodesAsync);
        FigureEndpoints.Map(operators);
        AutopilotEndpoints.Map(operators);
    }

    private static async Task<IResult> StatusAsync(
        LayoutAdmin admin, CancellationToken cancellationToken, string? scope = null, int scopes = 200, int decisions = 10)
    {
        LayoutScope? only = null;
        if (scope is not null)
        {
            if (!ScopeText.TryParse(scope, out var parsed))
            {
                return BadScope();
            }

            only = parsed;
        }

        return scopes is < 1 or > MaxPage ? Problems.InvalidRequest($"1 to {MaxPage}.", "scopes")
            : decisions is < 1 or > MaxPage ? Problems.InvalidRequest($"1 to {MaxPage}.", "decisions")
            : (await admin.StatusAsync(only, scopes, decisions, cancellationToken)).ToHttp(
                static status => Results.Json(status, AdminJsonContext.Default.LayoutStatus));
    }

    private static Task<IResult> PlanAsync(HttpContext context, LayoutAdmin admin, CancellationToken cancellationToken) =>
        GoalAsync(context, admin, isDry: true, cancellationToken);

    private static Task<IResult> SetGoalAsync(HttpContext context, LayoutAdmin admin, CancellationToken cancellationToken, bool dryRun = false) =>
        GoalAsync(context, admin, dryRun, cancellationToken);

    private static async Task<IResult> GoalAsync(HttpContext context, LayoutAdmin admin, bool isDry, CancellationToken cancellationToken)
    {
        var (request, refusal) = await ReadAsync(context, AdminJsonContext.Default.GoalRequest, cancellationToken);
        return request is null ? refusal!
            : await AskAsync(
                context,
                admin,
                request.Scope,
                (scope, own, current) => TargetRules.Of(request, scope, current),
                request.By,
                request.Reason,
                isDry,
                cancellationToken);
    }

    private static async Task<IResult> RollbackAsync(HttpContext context, LayoutAdmin admin, CancellationToken cancellationToken, bool dryRun = false)
    {
        var (request, refusal) = await ReadAsync(context, AdminJsonContext.Default.RollbackRequest, cancellationToken);
        return request is null ? refusal!
            : await AskAsync(
                context,
                admin,
                request.Scope,
                (scope, own, current) => TargetRules.Of(request, scope, own, current),
                request.By,
                request.Reason,
                dryRun,
                cancellationToken);
    }

    private static async Task<IResult> ReshardAsync(HttpContext context, LayoutAdmin admin, CancellationToken cancellationToken, bool dryRun = false)
    {
        var (request, refusal) = await ReadAsync(context, AdminJsonContext.Default.ReshardRequest, cancellationToken);
        return request is null ? refusal!
            : await AskAsync(
                context,
                admin,
                request.Scope,
                (scope, own, current) => TargetRules.Of(request, scope, current),
                request.By,
                request.Reason,
                dryRun,
                cancellationToken);
    }

    private static async Task<IResult> ClearGoalAsync(LayoutAdmin admin, CancellationToken cancellationToken, string? scope = null) =>
        ScopeText.TryParse(scope, out var parsed)
            ? (await admin.ClearAsync(parsed, cancellationToken)).ToHttp(
                cleared => cleared ? Results.NoContent() : Problems.NotFound($"{parsed} has no goal."))
            : BadScope();

    private static async Task<IResult> HistoryAsync(LayoutAdmin admin, CancellationToken cancellationToken, long? before = null, int limit = 50) =>
        limit is < 1 or > Limits.Page
            ? Problems.InvalidRequest($"1 to {Limits.Page}.", "limit")
            : (await admin.HistoryAsync(before, limit, cancellationToken)).ToHttp(
                static page => Results.Json(page, AdminJsonContext.Default.HistoryView));

    private static async Task<IResult> DecisionsAsync(LayoutAdmin admin, CancellationToken cancellationToken, long? before = null, int limit = 50) =>
        limit is < 1 or > Limits.Page
            ? Problems.InvalidRequest($"1 to {Limits.Page}.", "limit")
            : (await admin.DecisionsAsync(before, limit, cancellationToken)).ToHttp(
                static page => Results.Json(page, AdminJsonContext.Default.PageLayoutDecision));

    private static async Task<IResult> NodesAsync(LayoutAdmin admin, CancellationToken cancellationToken) =>
        (await admin.NodesAsync(cancellationToken)).ToHttp(static nodes => Results.Json(nodes, AdminJsonContext.Default.NodesView));

    internal static async Task<IResult> AskAsync(
        HttpContext context,
        LayoutAdmin admin,
        string scope,
        Func<LayoutScope, LayoutState?, LayoutState, Target> targetOf,
        string? by,
        string? reason,
        bool isDry,
        CancellationToken cancellationToken,
        GoalMode mode = GoalMode.ByHand)
    {
        if (!ScopeText.TryParse(scope, out var parsed))
        {
            return BadScope();
        }

        if (by?.Length is 0 or > MaxBy || reason?.Length > MaxReason)
        {
            return Problems.InvalidRequest($"by: 1 to {MaxBy} characters; reason: {MaxReason} at most.");
        }

        return (await admin.AskAsync(parsed, (own, current) => targetOf(parsed, own, current), Caller(context.User, by), reason, isDry, cancellationToken, mode))
            .ToHttp(plan => Results.Json(
                plan, AdminJsonContext.Default.LayoutPlan, statusCode: isDry ? StatusCodes.Status200OK : StatusCodes.Status202Accepted));
    }

    /// <summary>A user speaks for himself; a service may say for whom it asks.</summary>
    private static string Caller(ClaimsPrincipal caller, string? by) =>
        caller.TryGetIdentity() is { } user ? $"{user.Tenant}/{user.User}" : by ?? caller.ServiceName() ?? "unknown";

    internal static async Task<(T? Request, IResult? Refusal)> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            var request = await JsonSerializer.DeserializeAsync(context.Request.BodyReader, type, cancellationToken);
            return request is null ? (null, Problems.InvalidRequest("The body is null.")) : (request, null);
        }
        catch (JsonException exception)
        {
            return (null, Problems.InvalidRequest("The body is not what this route takes.", exception.Path));
        }
    }

    internal static ProblemResult BadScope() => Problems.InvalidRequest("all, tenant or tenant/room.", "scope");
}
