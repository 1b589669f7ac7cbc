using Contracts;
using Contracts.Dbman;
using Contracts.Users;
using Dbman.Directory;
using Dbman.Requests;
using ServiceDefaults.Errors;

namespace Dbman.Credentials;

/// <summary>Password hashes, and the count of failed logins.</summary>
internal static class CredentialEndpoints
{
    private const int MaxLockSeconds = 30 * 24 * 60 * 60;

    public static void MapCredentials(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AddEndpointFilter<GateFilter>();
        limited.MapGet(DbmanRoutes.Credential, GetAsync);
        limited.MapPut(DbmanRoutes.PasswordHash, SetPasswordHashAsync);
        limited.MapGet(DbmanRoutes.LoginAttempts, ReadAttemptsAsync);
        limited.MapPost(DbmanRoutes.LoginAttempts, RecordAttemptAsync);
    }

    private static async Task<IResult> GetAsync(string tenant, string username, CredentialStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(tenant, username, cancellationToken) is { } credential ? TypedResults.Ok(credential) : NoUser();

    private static async Task<IResult> SetPasswordHashAsync(
        string tenant, string user, SetPasswordHashRequest request, CredentialStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.PasswordHash(request.PasswordHash);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.SetPasswordHashAsync(tenant, user, request.PasswordHash, cancellationToken) ? TypedResults.NoContent() : NoUser();
    }

    private static async Task<IResult> ReadAttemptsAsync(string tenant, string username, CredentialStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(await store.ReadAttemptsAsync(tenant, username, cancellationToken));

    private static async Task<IResult> RecordAttemptAsync(
        string tenant, string username, LoginAttemptRequest request, CredentialStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Range("lockAfter", request.LockAfter, 1, 1_000_000);
        check.Range("lockSeconds", request.LockSeconds, 1, MaxLockSeconds);
        check.Range("maxLockSeconds", request.MaxLockSeconds, 1, MaxLockSeconds);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.RecordAsync(tenant, username, request, cancellationToken) is { } count
            ? TypedResults.Ok(count)
            : Problems.NotFound("There is no such tenant.", ProblemTypes.TenantNotFound);
    }

    private static ProblemResult NoUser() => Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound);
}
