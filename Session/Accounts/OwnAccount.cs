using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Users;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Names;
using Session.Logins;
using Session.Passwords;
using Session.Revocations;
using Session.Sessions;

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

    /// <summary>The name that others see. Tokens carry it from their next renewal on.</summary>
    public static async Task<IResult> ChangeNameAsync(ChangeNameRequest body, UserIdentity me, DbmanClient dbman, CancellationToken cancellationToken)
    {
        if (DisplayNames.Normalize(body.DisplayName) is not { } name)
        {
            return Problems.InvalidRequest($"'displayName' must be {DisplayNames.Rule}.", "$.displayName");
        }

        return (await dbman.Directory.RenameUserAsync(me.Tenant, me.User, new RenameUserRequest(name), cancellationToken)).ToHttp(static user =>
            TypedResults.Ok(user.ToInfo()));
    }

    /// <summary>Stores the new hash and ends the other sessions in one transaction, if the password that was checked is still the user's and the session that asks still lives.</summary>
    public static async Task<IResult> ChangePasswordAsync(
        ChangePasswordRequest body,
        UserIdentity me,
        HttpContext context,
        DbmanClient dbman,
        CredentialCheck credentials,
        PasswordHashing hashing,
        RevocationNotifier revocations,
        CancellationToken cancellationToken)
    {
        var (login, refusal) = await CheckPasswordAsync(
            body.CurrentPassword,
            me,
            context,
            dbman,
            credentials,
            user => PasswordRules.CheckNew(body.NewPassword, user.Username) is { } reason ? Problems.InvalidRequest($"'newPassword' {reason}.", "$.newPassword") : null,
            cancellationToken);
        if (login is null)
        {
            return refusal!;
        }

        if (!(await hashing.HashAsync(body.NewPassword, HashingLane.Of(me.Tenant, context), cancellationToken)).TryGet(out var hash, out var problem))
        {
            return Problems.From(problem);
        }

        var request = new ReplacePasswordRequest(hash, RevocationReasons.PasswordChanged, login.Generation, me.Session);
        var replaced = await dbman.Directory.ReplacePasswordAsync(me.Tenant, me.User, request, cancellationToken);
        switch (replaced.Problem?.Type)
        {
            case ProblemTypes.CredentialChanged:
                return Problems.From(CredentialCheck.BadCredentials());
            case ProblemTypes.SessionNotFound:
                return LiveSessionFilter.Ended(context);
        }

        return replaced.ToHttp(answer =>
            revocations.NotifyAndAnswer(me.Tenant, me.User, answer.Revoked, RevocationReasons.PasswordChanged));
    }

    /// <summary>
    /// Checks the caller's present password, given as <c>currentPassword</c>: what it was checked as, or why not. A wrong one counts like a failed login, so that a stolen access token is no way to
    /// guess without limit. A further rule comes before the check: a mistake costs neither a hash nor an attempt.
    /// </summary>
    public static async Task<(CheckedUser? Login, IResult? Refusal)> CheckPasswordAsync(
        string password,
        UserIdentity me,
        HttpContext context,
        DbmanClient dbman,
        CredentialCheck credentials,
        Func<UserRecord, IResult?>? rule,
        CancellationToken cancellationToken)
    {
        if (PasswordRules.CheckForLogin(password) is { } wrong)
        {
            return (null, Problems.InvalidRequest($"'currentPassword' {wrong}.", "$.currentPassword"));
        }

        if (!(await dbman.Directory.GetUserAsync(me.Tenant, me.User, cancellationToken)).TryGet(out var user, out var problem))
        {
            return (null, Problems.From(problem));
        }

        if (rule?.Invoke(user) is { } refusal)
        {
            return (null, refusal);
        }

        var login = await credentials.CheckAsync(me.Tenant, user.Username, password, LoginSource.OfSession(me.Session, context), cancellationToken);
        return login.TryGet(out var found, out problem) ? (found, null) : (null, Problems.From(problem));
    }
}
