using System.Globalization;
using Contracts.Results;
using Contracts.Sessions;
using static Contracts.Dbman.DbmanCalls;
using static Contracts.RouteTemplate;

namespace Contracts.Dbman;

/// <summary>Sessions, refresh tokens and signing keys.</summary>
public sealed class SessionsClient
{
    private readonly HttpClient _http;

    internal SessionsClient(HttpClient http) => _http = http;

    /// <summary>Starts a session.</summary>
    public Task<ServiceResult<SessionRecord>> CreateAsync(string tenant, CreateSessionRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.Sessions, tenant), request, Wire.CreateSessionRequest, Wire.SessionRecord, idempotent: false, cancellationToken);

    /// <summary>Live sessions of a user, in order of id.</summary>
    public Task<ServiceResult<Page<SessionRecord>>> ListAsync(string tenant, string user, string? after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync(Paged(Fill(DbmanRoutes.UserSessions, tenant, user), after, limit), Wire.PageSessionRecord, cancellationToken);

    /// <summary>Revokes one session, all, or all but one.</summary>
    public Task<ServiceResult<RevokeSessionsResponse>> RevokeAsync(string tenant, string user, RevokeSessionsRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.RevokeSessions, tenant, user), request, Wire.RevokeSessionsRequest, Wire.RevokeSessionsResponse, idempotent: true, cancellationToken);

    /// <summary>
    /// Sessions of all tenants that were ended since a time (<see cref="RevokedSessionsResponse.Next"/> of the answer before), or within the last
    /// <paramref name="window"/>.
    /// </summary>
    public Task<ServiceResult<RevokedSessionsResponse>> ListRevokedAsync(DateTimeOffset? since, TimeSpan window, CancellationToken cancellationToken) =>
        _http.GetAsync(
            since is { } time
                ? $"{DbmanRoutes.RevokedSessions}?since={Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture))}"
                : $"{DbmanRoutes.RevokedSessions}?windowSeconds={(int)Math.Ceiling(window.TotalSeconds)}",
            Wire.RevokedSessionsResponse,
            cancellationToken);

    /// <summary>Exchanges a refresh token. Every outcome is a success of the call.</summary>
    public Task<ServiceResult<RotateRefreshTokenResponse>> RotateAsync(RotateRefreshTokenRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.RotateRefreshToken, request, Wire.RotateRefreshTokenRequest, Wire.RotateRefreshTokenResponse, idempotent: false, cancellationToken);

    /// <summary>Published keys, newest first.</summary>
    public Task<ServiceResult<SigningKeysResponse>> ListKeysAsync(CancellationToken cancellationToken) =>
        _http.GetAsync(DbmanRoutes.SigningKeys, Wire.SigningKeysResponse, cancellationToken);

    /// <summary>Adds a key. 409 <see cref="ProblemTypes.Conflict"/> when another replica was first.</summary>
    public Task<ServiceResult<Unit>> AddKeyAsync(AddSigningKeyRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.SigningKeys, request, Wire.AddSigningKeyRequest, Wire.Unit, idempotent: false, cancellationToken);
}
