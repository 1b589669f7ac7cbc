using Client.Tokens;
using Contracts;
using Contracts.Public;
using Contracts.Results;

namespace Client;

/// <summary>The signed-in user's account and sessions.</summary>
public sealed class AccountApi
{
    private readonly HttpClient _http;
    private readonly SessionTokens _tokens;

    internal AccountApi(HttpClient http, SessionTokens tokens)
    {
        _http = http;
        _tokens = tokens;
    }

    private static PublicJsonContext Wire => PublicJsonContext.Default;

    /// <summary>Who is signed in.</summary>
    public Task<ServiceResult<MeResponse>> GetMeAsync(CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, SessionRoutes.Me, content: null, Wire.MeResponse, idempotent: true, cancellationToken);

    /// <summary>Live sessions of the user.</summary>
    public Task<ServiceResult<Page<SessionInfo>>> ListSessionsAsync(string? after = null, int limit = Limits.Page, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, RouteTemplate.Paged(SessionRoutes.Sessions, after, limit), content: null, Wire.PageSessionInfo, idempotent: true, cancellationToken);

    /// <summary>Ends one session; its sockets are closed.</summary>
    public Task<ServiceResult<SessionsRevokedResponse>> RevokeSessionAsync(string session, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Delete, RouteTemplate.Fill(SessionRoutes.Session, session), content: null, Wire.SessionsRevokedResponse, idempotent: true, cancellationToken);

    /// <summary>Ends all sessions but this one.</summary>
    public Task<ServiceResult<SessionsRevokedResponse>> RevokeOtherSessionsAsync(CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Delete, SessionRoutes.Sessions, content: null, Wire.SessionsRevokedResponse, idempotent: true, cancellationToken);

    /// <summary>Changes the password and ends all other sessions.</summary>
    public Task<ServiceResult<Unit>> ChangePasswordAsync(ChangePasswordRequest request, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Put,
            SessionRoutes.Password,
            ServiceHttp.Json(request, Wire.ChangePasswordRequest),
            ContractsJsonContext.Default.Unit,
            idempotent: false,
            cancellationToken);

    /// <summary>Ends this session and forgets its tokens.</summary>
    public async Task<ServiceResult<Unit>> LogoutAsync(CancellationToken cancellationToken = default)
    {
        var result = await _http.SendAsync(HttpMethod.Post, SessionRoutes.Logout, content: null, ContractsJsonContext.Default.Unit, idempotent: true, cancellationToken);
        if (result.IsSuccess)
        {
            _tokens.SignedOut();
        }

        return result;
    }
}
