using Contracts;
using Contracts.Dbman;
using Contracts.Sessions;
using Contracts.Users;
using Dbman.Directory;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Credentials;

/// <summary>Password hashes, and the count of failed logins.</summary>
internal static class CredentialEndpoints
{
    private const int MaxSources = 8;
    private const int MaxSource = 128;
    private const int MaxLockSeconds = 30 * 24 * 60 * 60;

    public static void MapCredentials(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Session).AddEndpointFilter<GateFilter>();
        limited.MapGet(DbmanRoutes.Credential, GetAsync);
        limited.MapPut(DbmanRoutes.PasswordHash, RenewPasswordHashAsync);
        limited.MapPut(DbmanRoutes.Password, ReplacePasswordAsync);
        limited.MapGet(DbmanRoutes.LoginAttempts, ReadAttemptsAsync);
        limited.MapPost(DbmanRoutes.LoginAttempts, RecordAttemptAsync);
    }

    public static ProblemResult CredentialChanged() =>
        Problems.Conflict("The password that was checked is no longer the user's.", ProblemTypes.CredentialChanged);

    private static async Task<IResult> GetAsync(string tenant, string username, CredentialStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        CheckUsername(ref check, username);
        return check.Problem is { } problem ? problem
            : await store.GetAsync(tenant, username, cancellationToken) is { } credential ? TypedResults.Ok(credential)
            : NoUser();
    }

    private static async Task<IResult> RenewPasswordHashAsync(
        string tenant, string user, RenewPasswordHashRequest request, CredentialStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.PasswordHash(request.PasswordHash);
        check.PasswordHash(request.Expected);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.RenewPasswordHashAsync(tenant, user, request, cancellationToken) switch
        {
            null => NoUser(),
            false => CredentialChanged(),
            true => TypedResults.NoContent(),
        };
    }

    private static async Task<IResult> ReplacePasswordAsync(
        string tenant, string user, ReplacePasswordRequest request, CredentialStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.PasswordHash(request.PasswordHash);
        check.Text("reason", request.Reason, Limits.Name);
        check.OptionalId("keepSession", request.KeepSession);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (verdict, revoked) = await store.ReplacePasswordAsync(tenant, user, request, cancellationToken);
        return verdict switch
        {
            PasswordVerdict.Ok => TypedResults.Ok(new RevokeSessionsResponse(revoked)),
            PasswordVerdict.NoUser => NoUser(),
            PasswordVerdict.SessionEnded => Problems.NotFound("The session has ended.", ProblemTypes.SessionNotFound),
            _ => CredentialChanged(),
        };
    }

    private static async Task<IResult> ReadAttemptsAsync(
        string tenant, string username, CredentialStore store, CancellationToken cancellationToken, string[]? source = null)
    {
        var check = default(Check);
        CheckUsername(ref check, username);
        CheckSources(ref check, source);
        return check.Problem is { } problem ? problem : TypedResults.Ok(await store.ReadAttemptsAsync(tenant, username, source!, cancellationToken));
    }

    private static async Task<IResult> RecordAttemptAsync(
        string tenant, string username, LoginAttemptRequest request, CredentialStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        CheckUsername(ref check, username);
        CheckSources(ref check, [.. request.Throttles.Select(static throttle => throttle?.Source)]);
        foreach (var throttle in check.Problem is null ? request.Throttles : [])
        {
            check.Range("lockAfter", throttle.LockAfter, 1, 1_000_000);
            check.Range("lockSeconds", throttle.LockSeconds, 1, MaxLockSeconds);
            check.Range("maxLockSeconds", throttle.MaxLockSeconds, 1, MaxLockSeconds);
            check.Range("windowSeconds", throttle.WindowSeconds, 0, MaxLockSeconds);
        }

        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.RecordAsync(tenant, username, request, cancellationToken) is { } count
            ? TypedResults.Ok(count)
            : Problems.NotFound("There is no such tenant.", ProblemTypes.TenantNotFound);
    }

    /// <summary>User names have rules of their own, which Session knows; here they are only bounded.</summary>
    private static void CheckUsername(ref Check check, string username) => check.Text("username", username, Limits.Name);

    private static void CheckSources(ref Check check, string?[]? sources)
    {
        if (!check.List("sources", sources, MaxSources))
        {
            return;
        }

        check.That(sources!.Length > 0, "sources", "must not be empty.");
        check.That(sources.Distinct(StringComparer.Ordinal).Count() == sources.Length, "sources", "must not hold one twice.");
        foreach (var source in sources)
        {
            check.Text("sources", source, MaxSource, minLength: 0);
        }
    }

    private static ProblemResult NoUser() => Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound);
}
