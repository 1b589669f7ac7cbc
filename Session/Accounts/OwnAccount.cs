using Contracts.Dbman;
using Contracts.Public;
using Contracts.Sessions;
using Contracts.Users;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using Session.Logins;
using Session.Passwords;
using Session.Revocations;

namespace Session.Accounts;

/// <summary>What a user sees and changes of its own account.</summary>
internal static class OwnAccount
{
    public static async Task<IResult> GetAsync(UserIdentity me, DbmanClient dbman, CancellationToken cancellationToken)
    {
        var reading = dbman.Directory.GetTenantAsync(me.Tenant, cancellationToken);
        var user = await dbman.Directory.GetUserAsync(me.Tenant, me.User, cancellationToken);
        var tenant = await reading;
        return (user.Problem ?? tenant.Problem) is { } problem
            ? Problems.From(problem)
            : TypedResults.Ok(new MeResponse(user.Value.ToInfo(), tenant.Value.ToInfo(), me.Session));
    }

    /// <summary>Stores the new hash, then ends the other sessions: after a crash in between, the old password is worthless already, and the user can end them.</summary>
    public static async Task<IResult> ChangePasswordAsync(
        ChangePasswordRequest body,
        UserIdentity me,
        DbmanClient dbman,
        CredentialCheck credentials,
        PasswordHashing hashing,
        RevocationNotifier revocations,
        CancellationToken cancellationToken)
    {
        if (PasswordRules.CheckForLogin(body.CurrentPassword) is { } wrong)
        {
            return Problems.InvalidRequest($"'currentPassword' {wrong}.", "$.currentPassword");
        }

        if (!(await dbman.Directory.GetUserAsync(me.Tenant, me.User, cancellationToken)).TryGet(out var user, out var problem))
        {
            return Problems.From(problem);
        }

        if (PasswordRules.CheckNew(body.NewPassword, user.Username) is { } reason)
        {
            return Problems.InvalidRequest($"'newPassword' {reason}.", "$.newPassword");
        }

        // Counted like a login: a stolen access token is no way to guess without limit.
        problem = (await credentials.CheckAsync(me.Tenant, user.Username, body.CurrentPassword, cancellationToken)).Problem;
        if (problem is not null)
        {
            return Problems.From(problem);
        }

        if (!(await hashing.HashAsync(body.NewPassword, cancellationToken)).TryGet(out var hash, out problem))
        {
            return Problems.From(problem);
        }

        problem = (await dbman.Directory.SetPasswordHashAsync(me.Tenant, me.User, new SetPasswordHashRequest(hash), cancellationToken)).Problem;
        if (problem is not null)
        {
            return Problems.From(problem);
        }

        var request = new RevokeSessionsRequest(RevocationReasons.PasswordChanged, Except: me.Session);
        return (await dbman.Sessions.RevokeAsync(me.Tenant, me.User, request, cancellationToken)).ToHttp(answer =>
        {
            revocations.Notify(me.Tenant, me.User, answer.Revoked, RevocationReasons.PasswordChanged);
            return TypedResults.Ok(new SessionsRevokedResponse(answer.Revoked));
        });
    }
}
