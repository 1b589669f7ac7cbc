using Contracts;
using Contracts.Dbman;
using Contracts.Sessions;
using Dbman.Credentials;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Sessions;

/// <summary>Sessions, refresh tokens, signing keys.</summary>
internal static class SessionEndpoints
{
    private const int MaxHash = 128;
    private const int MaxSessions = 1_000;
    private const int MaxGraceSeconds = 3_600;
    private const int MaxKey = 8_192;
    private const int MaxWindowSeconds = 2 * 24 * 60 * 60;

    public static void MapSessions(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Session).AddEndpointFilter<GateFilter>();
        limited.MapPost(DbmanRoutes.Sessions, CreateAsync);
        limited.MapGet(DbmanRoutes.UserSessions, ListAsync).AllowCallers(ServiceNames.Session, ServiceNames.Realtime);
        limited.MapPost(DbmanRoutes.RevokeSessions, RevokeAsync).AllowCallers(ServiceNames.Session, ServiceNames.Realtime);
        limited.MapGet(DbmanRoutes.RevokedSessions, ListRevokedAsync).AllowCallers(ServiceNames.Session, ServiceNames.Chat, ServiceNames.Fileman, ServiceNames.Realtime);
        limited.MapPost(DbmanRoutes.RotateRefreshToken, RotateAsync);
        limited.MapGet(DbmanRoutes.SigningKeys, ListKeysAsync);
        limited.MapPost(DbmanRoutes.SigningKeys, AddKeyAsync);
    }

    private static async Task<IResult> CreateAsync(string tenant, CreateSessionRequest request, SessionStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Id("id", request.Id);
        check.Id("userId", request.UserId);
        check.Text("refreshTokenHash", request.RefreshTokenHash, MaxHash);
        check.Range("maxSessions", request.MaxSessions, 1, MaxSessions);
        check.OptionalText("userAgent", request.UserAgent, Limits.Name);
        check.OptionalText("address", request.Address, Limits.Name);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.CreateAsync(tenant, request, cancellationToken) switch
        {
            (SessionStore.CreateOutcome.Created, var session) => TypedResults.Created((string?)null, session),
            (SessionStore.CreateOutcome.NoUser, _) => NoUser(),
            (SessionStore.CreateOutcome.CredentialChanged, _) => CredentialEndpoints.CredentialChanged(),
            _ => Problems.Conflict("The session id is taken in the tenant."),
        };
    }

    private static async Task<IResult> ListAsync(
        string tenant, string user, SessionStore store, CancellationToken cancellationToken, string? after = null, int limit = 100)
    {
        var check = default(Check);
        check.Page(after, limit);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.ListAsync(tenant, user, after, limit, cancellationToken) is { } rows
            ? TypedResults.Ok(rows.ToPage(limit, static session => session.Id))
            : NoUser();
    }

    private static async Task<IResult> RevokeAsync(
        string tenant, string user, RevokeSessionsRequest request, SessionStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Text("reason", request.Reason, Limits.Name);
        check.OptionalId("sessionId", request.SessionId);
        check.OptionalId("except", request.Except);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.RevokeAsync(tenant, user, request, cancellationToken) is { } revoked
            ? TypedResults.Ok(new RevokeSessionsResponse(revoked))
            : NoUser();
    }

    private static async Task<IResult> ListRevokedAsync(
        SessionStore store, CancellationToken cancellationToken, DateTimeOffset? since = null, int windowSeconds = 0)
    {
        var check = default(Check);
        check.Range("windowSeconds", windowSeconds, since is null ? 1 : 0, MaxWindowSeconds);
        return check.Problem is { } problem ? problem : TypedResults.Ok(await store.ListRevokedAsync(since, windowSeconds, cancellationToken));
    }

    private static async Task<IResult> RotateAsync(RotateRefreshTokenRequest request, SessionStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Text("presentedHash", request.PresentedHash, MaxHash);
        check.Text("nextHash", request.NextHash, MaxHash);
        check.That(request.NextHash != request.PresentedHash, "nextHash", "must differ from 'presentedHash'.");
        check.OptionalText("sealedNext", request.SealedNext, MaxHash);
        check.Range("graceSeconds", request.GraceSeconds, 0, MaxGraceSeconds);
        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok(await store.RotateAsync(request, cancellationToken));
    }

    private static async Task<IResult> ListKeysAsync(SigningKeyStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(new SigningKeysResponse(await store.ListAsync(cancellationToken)));

    private static async Task<IResult> AddKeyAsync(AddSigningKeyRequest request, SigningKeyStore store, CancellationToken cancellationToken)
    {
        var key = request.Key;
        var check = default(Check);
        check.Text("key.kid", key.Kid, Limits.Name);
        check.Text("key.algorithm", key.Algorithm, 16);
        check.Text("key.publicJwk", key.PublicJwk, MaxKey);
        check.Text("key.protectedPrivateKey", key.ProtectedPrivateKey, MaxKey);
        check.That(key.NotBefore < key.SignsUntil, "key.signsUntil", "must be after 'notBefore'.");
        check.That(key.SignsUntil <= key.PublishedUntil, "key.publishedUntil", "must not be before 'signsUntil'.");
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.AddAsync(request, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Conflict("Another replica has added a key.");
    }

    private static ProblemResult NoUser() => Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound);
}
