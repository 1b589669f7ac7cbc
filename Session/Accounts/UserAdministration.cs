using Contracts;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Users;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using Session.Passwords;
using Session.Revocations;

namespace Session.Accounts;

/// <summary>What admins do with the users of their tenant. Nobody does it to itself: a password is changed with the present one, and an admin who locked itself out could not undo it.</summary>
internal static class UserAdministration
{
    public static async Task<IResult> ResetPasswordAsync(
        string user,
        ResetPasswordRequest body,
        UserIdentity me,
        HttpContext context,
        DbmanClient dbman,
        PasswordHashing hashing,
        RevocationNotifier revocations,
        CancellationToken cancellationToken)
    {
        if (Refuse(user, me) is { } refusal)
        {
            return refusal;
        }

        if (!(await dbman.Directory.GetUserAsync(me.Tenant, user, cancellationToken)).TryGet(out var found, out var problem))
        {
            return Problems.From(problem);
        }

        if (PasswordRules.CheckNew(body.NewPassword, found.Username) is { } reason)
        {
            return Problems.InvalidRequest($"'newPassword' {reason}.", "$.newPassword");
        }

        if (!(await hashing.HashAsync(body.NewPassword, HashingLane.Of(me.Tenant, context), cancellationToken)).TryGet(out var hash, out problem))
        {
            return Problems.From(problem);
        }

        var request = new ReplacePasswordRequest(hash, RevocationReasons.PasswordReset);
        return (await dbman.Directory.ReplacePasswordAsync(me.Tenant, user, request, cancellationToken)).ToHttp(answer =>
            revocations.NotifyAndAnswer(me.Tenant, user, answer.Revoked, RevocationReasons.PasswordReset));
    }

    public static async Task<IResult> SetActiveAsync(
        string user, UserActiveRequest body, UserIdentity me, DbmanClient dbman, RevocationNotifier revocations, CancellationToken cancellationToken)
    {
        if (Refuse(user, me) is { } refusal)
        {
            return refusal;
        }

        var request = new SetUserActiveRequest(body.Active, RevocationReasons.Deactivated);
        return (await dbman.Directory.SetUserActiveAsync(me.Tenant, user, request, cancellationToken)).ToHttp(answer =>
            revocations.NotifyAndAnswer(me.Tenant, user, answer.Revoked, RevocationReasons.Deactivated));
    }

    public static async Task<IResult> SetRoleAsync(
        string user, UserRoleRequest body, UserIdentity me, DbmanClient dbman, RevocationNotifier revocations, CancellationToken cancellationToken)
    {
        if (Refuse(user, me) is { } refusal)
        {
            return refusal;
        }

        if (body.Role is not (TenantRoles.Admin or TenantRoles.Member))
        {
            return Problems.InvalidRequest($"'role' must be {TenantRoles.Admin} or {TenantRoles.Member}.", "$.role");
        }

        var request = new SetUserRoleRequest(body.Role, RevocationReasons.Demoted);
        return (await dbman.Directory.SetUserRoleAsync(me.Tenant, user, request, cancellationToken)).ToHttp(answer =>
            revocations.NotifyAndAnswer(me.Tenant, user, answer.Revoked, RevocationReasons.Demoted));
    }

    public static ProblemResult? Refuse(string user, UserIdentity me) => (me.IsAdmin, Ids.IsValid(user), user == me.User) switch
    {
        (false, _, _) => Problems.Forbidden("Only admins change other users."),
        (_, false, _) => Problems.InvalidId("user"),
        (_, _, true) => Problems.Forbidden("Admins do not do this to themselves. Password and removal of the own account are at /v1/me."),
        _ => null,
    };
}
