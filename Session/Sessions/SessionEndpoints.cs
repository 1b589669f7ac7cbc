using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Sessions;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;
using ServiceDefaults.Requests;
using Session.Revocations;

namespace Session.Sessions;

/// <summary>A user's own sessions.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        // Not behind the live-session check: a caller that is logged out already has what a logout gives.
        routes.MapPost(SessionRoutes.Logout, LogoutAsync).RequireAuthorization(Policies.User).WithMetadata(new EndedSessionsMayCall());

        var own = routes.MapGroup("").RequireAuthorization(Policies.User).RequireLiveSession();
        own.MapGet(SessionRoutes.Sessions, ListAsync);
        own.MapDelete(SessionRoutes.Sessions, RevokeOthersAsync);
        own.MapDelete(SessionRoutes.Session, RevokeAsync);
    }

    private static async Task<IResult> LogoutAsync(UserIdentity me, DbmanClient dbman, RevocationNotifier revocations, CancellationToken cancellationToken)
    {
        var request = new RevokeSessionsRequest(RevocationReasons.Logout, me.Session);
        return (await dbman.Sessions.RevokeAsync(me.Tenant, me.User, request, cancellationToken)).ToHttp(answer =>
        {
            revocations.Notify(me.Tenant, me.User, answer.Revoked, RevocationReasons.Logout);
            return TypedResults.NoContent();
        });
    }

    private static async Task<IResult> ListAsync(string? after, int? limit, UserIdentity me, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (!Paging.TryParse(after, limit, out var paging, out var invalid))
        {
            return invalid;
        }

        return (await dbman.Sessions.ListAsync(me.Tenant, me.User, paging.After, paging.Limit, cancellationToken)).ToHttp(page =>
            TypedResults.Ok(new Page<SessionInfo>([.. page.Items.Select(session => session.ToInfo(me.Session))], page.Next)));
    }

    private static async Task<IResult> RevokeOthersAsync(
        UserIdentity me, DbmanClient dbman, RevocationNotifier revocations, CancellationToken cancellationToken)
    {
        var request = new RevokeSessionsRequest(RevocationReasons.Revoked, Except: me.Session);
        return (await dbman.Sessions.RevokeAsync(me.Tenant, me.User, request, cancellationToken)).ToHttp(answer =>
            revocations.NotifyAndAnswer(me.Tenant, me.User, answer.Revoked, RevocationReasons.Revoked));
    }

    private static async Task<IResult> RevokeAsync(
        string session, UserIdentity me, DbmanClient dbman, RevocationNotifier revocations, CancellationToken cancellationToken)
    {
        if (!Ids.IsValid(session))
        {
            return Problems.InvalidId("session");
        }

        var request = new RevokeSessionsRequest(RevocationReasons.Revoked, session);
        return (await dbman.Sessions.RevokeAsync(me.Tenant, me.User, request, cancellationToken)).ToHttp<RevokeSessionsResponse>(answer =>
        {
            if (answer.Revoked.Count == 0)
            {
                return Problems.NotFound("You have no live session of this id.", ProblemTypes.SessionNotFound);
            }

            return revocations.NotifyAndAnswer(me.Tenant, me.User, answer.Revoked, RevocationReasons.Revoked);
        });
    }

    private static SessionInfo ToInfo(this SessionRecord session, string current) => new(
        session.Id,
        session.CreatedAt,
        session.LastUsedAt,
        session.ExpiresAt,
        session.Id == current,
        session.UserAgent,
        session.Address);
}
