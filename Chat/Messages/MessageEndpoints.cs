using Chat.Relay;
using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Public;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;

namespace Chat.Messages;

internal static class MessageEndpoints
{
    private const int DefaultPage = 50;

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapApi();
        messages.MapPost(ChatRoutes.Messages, PostAsync).WithMetadata(new RequestSizeLimitAttribute(Api.MaxBodyBytes)).RequireRateLimit(Api.Posts);
        messages.MapGet(ChatRoutes.Message, GetAsync);
        routes.MapApi(Api.Histories).MapGet(ChatRoutes.Messages, ListAsync);
    }

    /// <summary>
    /// At most one round trip to Dbman, shared with other posts under load: membership is checked inside the append. 201 when the message was stored now, 200 when the same message was stored before.
    /// </summary>
    private static async Task<IResult> PostAsync(
        string room,
        NewMessage message,
        UserIdentity caller,
        MessageAppender appender,
        AttachmentCheck attachments,
        MessageRelay relay,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (message.Id is not null && !Ids.IsValid(message.Id))
        {
            return Problems.InvalidId("id");
        }

        if (MessageRules.Check(message.Text, message.Attachments) is { } breach)
        {
            return Problems.From(breach);
        }

        // A message that is already stored gets the same answer, even if its files are gone. Only a message with an id of its own can be a repeat.
        var missing = await attachments.FindProblemAsync(caller.Tenant, message.Attachments, cancellationToken);
        if (missing is not null && (message.Id is null || missing.Status != StatusCodes.Status404NotFound))
        {
            return missing;
        }

        var files = message.Attachments is { Count: > 0 } ? message.Attachments : null;
        var item = new AppendItem(caller.Tenant, room, message.Id ?? Ids.New(time), caller.User, message.Text, files, OnlyIfStored: missing is not null);
        var result = await appender.AppendAsync(item, cancellationToken);
        if (!result.TryGet(out var outcome, out var problem))
        {
            return Problems.From(problem);
        }

        if (outcome.Message is not { } stored)
        {
            return missing is not null && outcome.Problem!.Is(ProblemTypes.NotFound) ? missing : Problems.From(outcome.Problem!);
        }

        // Also for one that was stored before: its first append may have been ours with the answer lost, and then nobody has published it.
        relay.Enqueue(stored);
        return outcome.Duplicate
            ? Results.Ok(stored.ToView())
            : Results.Created($"{ChatRoutes.Rooms}/{room}/messages/{stored.Seq}", stored.ToView());
    }

    private static async Task<IResult> ListAsync(
        string room, long? after, long? before, int? limit, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (after is not null && before is not null)
        {
            return Problems.InvalidRequest("'after' and 'before' exclude each other.", "after");
        }

        if (after < 0 || before < 1)
        {
            return after < 0
                ? Problems.InvalidRequest("'after' must be at least 0.", "after")
                : Problems.InvalidRequest("'before' must be at least 1.", "before");
        }

        var size = limit ?? DefaultPage;
        if (size is < 1 or > Limits.HistoryPage)
        {
            return Problems.InvalidRequest($"'limit' must be 1 to {Limits.HistoryPage}.", "limit");
        }

        var membership = dbman.Rooms.GetMemberAsync(caller.Tenant, room, caller.User, cancellationToken);
        var history = after is { } from
            ? dbman.Messages.GetAfterAsync(caller.Tenant, room, from, size, cancellationToken)
            : dbman.Messages.GetBeforeAsync(caller.Tenant, room, before, size, cancellationToken);
        await Task.WhenAll(membership, history);
        return (await membership).Problem is { } refused
            ? Problems.From(refused)
            : (await history).ToHttp(static page => Results.Ok(page.ToPage()));
    }

    private static async Task<IResult> GetAsync(
        string room, long seq, UserIdentity caller, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (seq < 1)
        {
            return Problems.InvalidRequest("'seq' starts at 1.", "seq");
        }

        var membership = dbman.Rooms.GetMemberAsync(caller.Tenant, room, caller.User, cancellationToken);
        var history = dbman.Messages.GetAfterAsync(caller.Tenant, room, seq - 1, limit: 1, cancellationToken);
        await Task.WhenAll(membership, history);
        return (await membership).Problem is { } refused
            ? Problems.From(refused)
            : (await history).ToHttp(page => page.Messages is [var message, ..] && message.Seq == seq
                ? Results.Ok(message.ToView())
                : Problems.NotFound($"The room has no message {seq}."));
    }
}
