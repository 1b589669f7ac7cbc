using System.Globalization;
using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Layouts;

/// <summary>Channel layouts and their history.</summary>
internal static class LayoutEndpoints
{
    private static readonly TimeSpan BarrierRetryAfter = TimeSpan.FromSeconds(1);

    public static void MapLayouts(this RouteGroupBuilder routes)
    {
        routes.MapHeartbeats();
        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Realtime).AddEndpointFilter<GateFilter>();
        limited.MapGet(DbmanRoutes.Layouts, GetAsync);
        limited.MapPost(DbmanRoutes.Layouts, ChangeAsync);
        limited.MapGet(DbmanRoutes.LayoutHistory, HistoryAsync);
        limited.MapNodes();
        limited.MapGoals();
    }

    private static async Task<IResult> GetAsync(LayoutStore store, CancellationToken cancellationToken, long known = 0)
    {
        var check = default(Check);
        check.Range("known", known, -1, long.MaxValue);
        return check.Problem is { } problem ? problem : TypedResults.Ok(await store.GetAsync(known, cancellationToken));
    }

    private static async Task<IResult> HistoryAsync(LayoutStore store, CancellationToken cancellationToken, long before = long.MaxValue, int limit = 100)
    {
        var check = default(Check);
        check.Before(before, limit);
        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok((await store.HistoryAsync(before, limit, cancellationToken)).ToPage(
                limit, static record => record.Epoch.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<IResult> ChangeAsync(ChangeLayoutRequest request, LayoutStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.State("state", request.Scope, request.State);
        check.Range("expectedEpoch", request.ExpectedEpoch, 0, long.MaxValue);
        check.Origin(request.By, request.Reason);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var change = await store.ChangeAsync(request, cancellationToken);
        return change.Record is { } record ? TypedResults.Created((string?)null, record) : Refusal(change);
    }

    private static ProblemResult Refusal(LayoutChange change) => change.Verdict switch
    {
        LayoutVerdict.Conflict => Problems.Conflict(change.Detail!, ProblemTypes.LayoutConflict),
        LayoutVerdict.Invalid => Problems.InvalidRequest(change.Detail!, "state"),
        LayoutVerdict.Barrier => Problems.Of(StatusCodes.Status409Conflict, ProblemTypes.LayoutBarrier, change.Detail, BarrierRetryAfter),
        LayoutVerdict.Full => Problems.Conflict(change.Detail!),
        LayoutVerdict.Contended => Problems.Unavailable(change.Detail!, ProblemTypes.DatabaseTimeout),
        _ => throw new InvalidOperationException($"{change.Verdict} is no refusal."),
    };
}
