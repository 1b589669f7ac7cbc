using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Results;
using Dbman.Messages.Commit;
using Dbman.Messages.History;
using Dbman.Messages.Relay;
using Dbman.Requests;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Messages;

/// <summary>Messages, heads, relay positions.</summary>
internal static class MessageEndpoints
{
    /// <summary>A full call of the longest messages, each character escaped as \uXXXX, with ids and attachments.</summary>
    private const int MaxAppendBytes = Limits.AppendBatch * ((Limits.MessageText * 6) + 4_096);

    public static void MapMessages(this RouteGroupBuilder routes)
    {
        // Bounded by the commit queue, which holds no connection per request.
        routes.MapPost(DbmanRoutes.Append, AppendAsync).AllowCallers(ServiceNames.Chat).WithMetadata(new RequestSizeLimitAttribute(MaxAppendBytes));

        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Chat).AddEndpointFilter<GateFilter>();
        limited.MapGet(DbmanRoutes.History, HistoryAsync).AllowCallers(ServiceNames.Chat, ServiceNames.Realtime);
        limited.MapPost(DbmanRoutes.Heads, HeadsAsync).AllowCallers(ServiceNames.Realtime);
        limited.MapPost(DbmanRoutes.MarkRelayed, MarkRelayedAsync);
        limited.MapPost(DbmanRoutes.ClaimUnrelayed, ClaimUnrelayedAsync);
    }

    private static async Task<IResult> AppendAsync(AppendRequest request, GroupCommit commit, CancellationToken cancellationToken)
    {
        var check = default(Check);
        if (!check.List("items", request.Items, Limits.AppendBatch))
        {
            return check.Problem!;
        }

        var refused = new AppendOutcome?[request.Items.Count];
        for (var index = 0; index < refused.Length; index++)
        {
            refused[index] = RefusalOf(request.Items[index]);
        }

        if (refused.Length == 0)
        {
            return TypedResults.Ok(new AppendResponse([]));
        }

        var result = await commit.AppendAsync(request.Items, refused, cancellationToken);
        return result.ToHttp(response => TypedResults.Ok(request.Lean ? new AppendResponse([.. response.Outcomes.Select(static outcome => outcome.ToLean())]) : response));
    }

    /// <summary>A malformed message is refused alone: the others of its call, and of other callers, are still stored.</summary>
    private static AppendOutcome? RefusalOf(AppendItem item) => MessageRules.Check(item) is { } breach
        ? new AppendOutcome(Problem: new ServiceProblem(StatusCodes.Status400BadRequest, breach.Type, "The message is malformed.", breach.Detail))
        : null;

    private static async Task<IResult> HistoryAsync(
        string tenant, string room, HistoryStore store, CancellationToken cancellationToken, long? after = null, long? before = null, int limit = 100)
    {
        var check = default(Check);
        check.Range("limit", limit, 1, Limits.HistoryPage);
        check.Range("after", after ?? 0, 0, long.MaxValue);
        check.Range("before", before ?? 1, 1, long.MaxValue);
        check.That(after is null || before is null, "before", "cannot be given together with 'after'.");
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var page = after is { } from
            ? await store.AfterAsync(tenant, room, from, limit, cancellationToken)
            : await store.BeforeAsync(tenant, room, before ?? long.MaxValue, limit, cancellationToken);
        return page is null
            ? Problems.NotFound("There is no such room in the tenant.", ProblemTypes.RoomNotFound)
            : TypedResults.Ok(page);
    }

    private static async Task<IResult> HeadsAsync(HeadsRequest request, HistoryStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        if (check.List("rooms", request.Rooms, Limits.HeadsBatch))
        {
            foreach (var room in request.Rooms)
            {
                check.Id("tenant", room.Tenant);
                check.Id("room", room.Room);
            }
        }

        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok(new HeadsResponse(await store.HeadsAsync(request.Rooms, cancellationToken)));
    }

    private static async Task<IResult> MarkRelayedAsync(MarkRelayedRequest request, RelayStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        if (check.List("ranges", request.Ranges, Limits.HeadsBatch))
        {
            foreach (var range in request.Ranges)
            {
                check.Id("tenant", range.Tenant);
                check.Id("room", range.Room);
                check.Range("from", range.From, 1, long.MaxValue - 1);
                check.Range("to", range.To, range.From, long.MaxValue - 1);
            }
        }

        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok(new MarkRelayedResponse(await store.MarkAsync(request.Ranges, cancellationToken)));
    }

    private static async Task<IResult> ClaimUnrelayedAsync(ClaimUnrelayedRequest request, RelayStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Text("claimer", request.Claimer, Limits.Name);
        check.Range("graceMilliseconds", request.GraceMilliseconds, 0, RelayStore.MaxMilliseconds);
        check.Range("claimMilliseconds", request.ClaimMilliseconds, 1, RelayStore.MaxMilliseconds);
        check.Range("limit", request.Limit, 1, Limits.HeadsBatch);
        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok(new MarkRelayedResponse(await store.ClaimAsync(request, cancellationToken)));
    }
}
