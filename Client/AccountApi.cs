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

    /// <summary>Changes the name that others see. Tokens carry it from their next renewal on.</summary>
    public Task<ServiceResult<UserInfo>> ChangeNameAsync(ChangeNameRequest request, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Put, SessionRoutes.Me, ServiceHttp.Json(request, Wire.ChangeNameRequest), Wire.UserInfo, idempotent: true, cancellationToken);

    /// <summary>
    /// Users of the tenant one of whose names begins so, by that name; without a prefix all of them, by user name. A page may be shorter than asked for and yet have a next one.
    /// </summary>
    /// <param name="prefix">Beginning of a user name or a display name.</param>
    /// <param name="after">The <c>Next</c> of a page.</param>
    /// <param name="limit">1 to <see cref="Limits.Page"/>.</param>
    /// <param name="deactivated">Those who may not sign in, instead of those who may; for admins.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ServiceResult<Page<UserInfo>>> ListUsersAsync(
        string prefix = "", string? after = null, int limit = Limits.Page, bool deactivated = false, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Get,
            $"{RouteTemplate.Paged(SessionRoutes.Users, after, limit)}&prefix={Uri.EscapeDataString(prefix)}{(deactivated ? "&deactivated=true" : "")}",
            content: null,
            Wire.PageUserInfo,
            idempotent: true,
            cancellationToken);

    /// <summary>A user by its id, as messages name their senders: also one that was removed, whose status says so.</summary>
    public Task<ServiceResult<UserInfo>> GetUserAsync(string user, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Get, RouteTemplate.Fill(SessionRoutes.User, user), content: null, Wire.UserInfo, idempotent: true, cancellationToken);

    /// <summary>An admin sets a user's password, which ends all of its sessions.</summary>
    public Task<ServiceResult<SessionsRevokedResponse>> ResetPasswordAsync(string user, ResetPasswordRequest request, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Put,
            RouteTemplate.Fill(SessionRoutes.UserPassword, user),
            ServiceHttp.Json(request, Wire.ResetPasswordRequest),
            Wire.SessionsRevokedResponse,
            idempotent: true,
            cancellationToken);

    /// <summary>An admin lets a user sign in, or no more, which ends all of its sessions.</summary>
    public Task<ServiceResult<SessionsRevokedResponse>> SetUserActiveAsync(string user, UserActiveRequest request, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Put,
            RouteTemplate.Fill(SessionRoutes.UserActive, user),
            ServiceHttp.Json(request, Wire.UserActiveRequest),
            Wire.SessionsRevokedResponse,
            idempotent: true,
            cancellationToken);

    /// <summary>An admin makes a user an admin (at its next renewal of tokens), or no longer one, which ends all of its sessions.</summary>
    public Task<ServiceResult<SessionsRevokedResponse>> SetUserRoleAsync(string user, UserRoleRequest request, CancellationToken cancellationToken = default) =>
        _http.SendAsync(
            HttpMethod.Put,
            RouteTemplate.Fill(SessionRoutes.UserRole, user),
            ServiceHttp.Json(request, Wire.UserRoleRequest),
            Wire.SessionsRevokedResponse,
            idempotent: true,
            cancellationToken);

    /// <summary>An admin removes a user, for good: its sessions end, it leaves its rooms, and its names are forgotten. What it wrote stays, under its id.</summary>
    public Task<ServiceResult<Unit>> RemoveUserAsync(string user, CancellationToken cancellationToken = default) =>
        _http.SendAsync(HttpMethod.Delete, RouteTemplate.Fill(SessionRoutes.User, user), content: null, ContractsJsonContext.Default.Unit, idempotent: true, cancellationToken);

    /// <summary>Removes the signed-in user itself, for good, and forgets its tokens.</summary>
    public async Task<ServiceResult<Unit>> RemoveMeAsync(RemoveMeRequest request, CancellationToken cancellationToken = default)
    {
        var result = await _http.SendAsync(
            HttpMethod.Post, SessionRoutes.RemoveMe, ServiceHttp.Json(request, Wire.RemoveMeRequest), ContractsJsonContext.Default.Unit, idempotent: false, cancellationToken);
        if (result.IsSuccess)
        {
            _tokens.SignedOut();
        }

        return result;
    }

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
