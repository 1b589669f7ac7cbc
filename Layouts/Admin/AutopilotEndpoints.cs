using Contracts.Layouts;
using ServiceDefaults.Errors;

namespace Layouts.Admin;

/// <summary>Operators' API of the autopilot.</summary>
internal static class AutopilotEndpoints
{
    public static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapGet(AdminRoutes.Autopilot, StatusAsync);
        operators.MapPut(AdminRoutes.Autopilot, StartAsync);
        operators.MapDelete(AdminRoutes.Autopilot, StopAsync);
    }

    private static async Task<IResult> StatusAsync(AutopilotAdmin admin, CancellationToken cancellationToken, string? scope = null)
    {
        LayoutScope? only = null;
        if (scope is not null)
        {
            if (!ScopeText.TryParse(scope, out var parsed))
            {
                return AdminEndpoints.BadScope();
            }

            only = parsed;
        }

        return (await admin.StatusAsync(only, cancellationToken)).ToHttp(static view => Results.Json(view, AdminJsonContext.Default.AutopilotsView));
    }

    /// <summary>With <c>?dryRun=true</c> only the plan is answered; a dry run of the autopilot is in the body.</summary>
    private static async Task<IResult> StartAsync(HttpContext context, LayoutAdmin admin, CancellationToken cancellationToken, bool dryRun = false)
    {
        var (request, refusal) = await AdminEndpoints.ReadAsync(context, AdminJsonContext.Default.AutopilotRequest, cancellationToken);
        return request is null ? refusal!
            : await AdminEndpoints.AskAsync(
                context,
                admin,
                request.Scope,
                (scope, _, current) => TargetRules.Of(request, scope, current),
                request.By,
                request.Reason,
                dryRun,
                cancellationToken,
                request.DryRun ? GoalMode.DryAutopilot : GoalMode.Autopilot);
    }

    /// <summary>The layout stays where it is; a goal that is not the autopilot's is left alone.</summary>
    private static async Task<IResult> StopAsync(LayoutAdmin admin, CancellationToken cancellationToken, string? scope = null) =>
        ScopeText.TryParse(scope, out var parsed)
            ? (await admin.ClearAsync(parsed, cancellationToken, onlyAutopilot: true)).ToHttp(
                stopped => stopped ? Results.NoContent() : Problems.NotFound($"{parsed} is not on autopilot."))
            : AdminEndpoints.BadScope();
}
