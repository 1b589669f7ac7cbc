using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Results;
using Contracts.Users;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using Session.Logins;
using Session.Revocations;

namespace Session.Accounts;

/// <summary>
/// Removes a user for good: by an admin of its tenant, or by itself with its password. dbman does it in one transaction; here the sockets of the ended sessions are closed, and the rooms that
/// the user left are notified.
/// </summary>
internal sealed class UserRemoval(DbmanClient dbman, RevocationNotifier notifier, TimeProvider time, SessionTelemetry telemetry, ILogger<UserRemoval> logger)
{
    /// <summary>204 also for one that was removed before, so that a call whose answer was lost can be repeated.</summary>
    public static async Task<IResult> RemoveAsync(string user, UserIdentity me, UserRemoval removal, CancellationToken cancellationToken)
    {
        if (UserAdministration.Refuse(user, me) is { } refusal)
        {
            return refusal;
        }

        return await removal.RunAsync(me, user, generation: null, cancellationToken) is { } problem ? Problems.From(problem) : TypedResults.NoContent();
    }

    public static async Task<IResult> RemoveMeAsync(
        RemoveMeRequest body,
        UserIdentity me,
        HttpContext context,
        DbmanClient dbman,
        CredentialCheck credentials,
        UserRemoval removal,
        CancellationToken cancellationToken)
    {
        var (login, refusal) = await OwnAccount.CheckPasswordAsync(body.CurrentPassword, me, context, dbman, credentials, rule: null, cancellationToken);
        if (login is null)
        {
            return refusal!;
        }

        return await removal.RunAsync(me, me.User, login.Generation, cancellationToken) is { } refused
            ? Problems.From(refused.Type == ProblemTypes.CredentialChanged ? CredentialCheck.BadCredentials() : refused)
            : TypedResults.NoContent();
    }

    /// <summary>Null when the user is removed. Each round is a transaction that leaves hundreds of rooms; the last of them removes the user.</summary>
    private async Task<ServiceProblem?> RunAsync(UserIdentity actor, string user, long? generation, CancellationToken cancellationToken)
    {
        var (rooms, passedOn) = (0, 0);
        RemoveUserResponse? removed;
        do
        {
            var request = new RemoveUserRequest(RevocationReasons.Removed, generation);
            if (!(await dbman.Directory.RemoveUserAsync(actor.Tenant, user, request, cancellationToken)).TryGet(out removed, out var problem))
            {
                return problem;
            }

            notifier.Notify(actor.Tenant, user, removed.Revoked, RevocationReasons.Removed);
            notifier.Notify(actor.Tenant, user, RemovalEvents.Of(actor, user, removed.Rooms, time));
            rooms += removed.Rooms.Count;
            passedOn += removed.Rooms.Count(static room => room.Heir is not null);
        }
        while (removed.More);

        telemetry.UserRemoved(actor.User == user ? "self" : "admin");
        logger.UserRemoved(actor.Tenant, user, actor.User, rooms, passedOn);
        return null;
    }
}
