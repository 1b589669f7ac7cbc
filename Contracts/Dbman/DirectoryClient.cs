using Contracts.Results;
using Contracts.Sessions;
using Contracts.Tenants;
using Contracts.Users;
using static Contracts.Dbman.DbmanCalls;
using static Contracts.RouteTemplate;

namespace Contracts.Dbman;

/// <summary>Tenants, users and credentials.</summary>
public sealed class DirectoryClient
{
    private readonly HttpClient _http;

    internal DirectoryClient(HttpClient http) => _http = http;

    /// <summary>Creates a tenant with its admin. 409 <see cref="ProblemTypes.TenantExists"/>.</summary>
    public Task<ServiceResult<CreateTenantResponse>> CreateTenantAsync(CreateTenantRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, DbmanRoutes.Tenants, request, Wire.CreateTenantRequest, Wire.CreateTenantResponse, idempotent: false, cancellationToken);

    /// <summary>404 <see cref="ProblemTypes.TenantNotFound"/>.</summary>
    public Task<ServiceResult<TenantRecord>> GetTenantAsync(string tenant, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.Tenant, tenant), Wire.TenantRecord, cancellationToken);

    /// <summary>Creates a user. 409 <see cref="ProblemTypes.UsernameTaken"/>, 404 <see cref="ProblemTypes.TenantNotFound"/>.</summary>
    public Task<ServiceResult<UserRecord>> CreateUserAsync(string tenant, CreateUserRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.Users, tenant), request, Wire.CreateUserRequest, Wire.UserRecord, idempotent: false, cancellationToken);

    /// <summary>Users of a tenant in order of id.</summary>
    public Task<ServiceResult<Page<UserRecord>>> ListUsersAsync(string tenant, string? after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync(Paged(Fill(DbmanRoutes.Users, tenant), after, limit), Wire.PageUserRecord, cancellationToken);

    /// <summary>404 <see cref="ProblemTypes.UserNotFound"/>.</summary>
    public Task<ServiceResult<UserRecord>> GetUserAsync(string tenant, string user, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.User, tenant, user), Wire.UserRecord, cancellationToken);

    /// <summary>
    /// Users by name: those who may sign in, or those who may not. A page may be shorter than asked for and yet have a next one.
    /// <paramref name="after"/> is the <c>Next</c> of a page.
    /// </summary>
    /// <param name="tenant">Tenant id.</param>
    /// <param name="username">Beginning of user names, folded as they are; null: none is looked for.</param>
    /// <param name="displayName">Beginning of display names, in whatever case; null: none is looked for.</param>
    /// <param name="deactivated">Which of them.</param>
    /// <param name="after">Where the page before ended.</param>
    /// <param name="limit">1 to <see cref="Limits.Page"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ServiceResult<Page<UserRecord>>> ListDirectoryAsync(
        string tenant, string? username, string? displayName, bool deactivated, string? after, int limit, CancellationToken cancellationToken) =>
        _http.GetAsync(
            $"{Paged(Fill(DbmanRoutes.Directory, tenant), after, limit)}{Query("username", username)}{Query("displayName", displayName)}{(deactivated ? "&deactivated=true" : "")}",
            Wire.PageUserRecord,
            cancellationToken);

    /// <summary>Changes the name that people read. 404 <see cref="ProblemTypes.UserNotFound"/>.</summary>
    public Task<ServiceResult<UserRecord>> RenameUserAsync(string tenant, string user, RenameUserRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.DisplayName, tenant, user), request, Wire.RenameUserRequest, Wire.UserRecord, idempotent: true, cancellationToken);

    /// <summary>
    /// Activates or deactivates a user, and ends its sessions. 404 <see cref="ProblemTypes.UserNotFound"/>, 409
    /// <see cref="ProblemTypes.LastAdmin"/>.
    /// </summary>
    public Task<ServiceResult<RevokeSessionsResponse>> SetUserActiveAsync(string tenant, string user, SetUserActiveRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.Active, tenant, user), request, Wire.SetUserActiveRequest, Wire.RevokeSessionsResponse, idempotent: true, cancellationToken);

    /// <summary>
    /// Makes a user an admin, or no longer one, and ends its sessions then. 404 <see cref="ProblemTypes.UserNotFound"/>, 409
    /// <see cref="ProblemTypes.LastAdmin"/>.
    /// </summary>
    public Task<ServiceResult<RevokeSessionsResponse>> SetUserRoleAsync(string tenant, string user, SetUserRoleRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.Role, tenant, user), request, Wire.SetUserRoleRequest, Wire.RevokeSessionsResponse, idempotent: true, cancellationToken);

    /// <summary>
    /// Removes a user: its id stays as a tombstone. 404 <see cref="ProblemTypes.UserNotFound"/>, 409 <see cref="ProblemTypes.LastAdmin"/> or
    /// <see cref="ProblemTypes.CredentialChanged"/>.
    /// </summary>
    public Task<ServiceResult<RemoveUserResponse>> RemoveUserAsync(string tenant, string user, RemoveUserRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.RemoveUser, tenant, user), request, Wire.RemoveUserRequest, Wire.RemoveUserResponse, idempotent: true, cancellationToken);

    /// <summary>Looks up many users at once.</summary>
    public Task<ServiceResult<UsersResponse>> GetUsersAsync(string tenant, UsersByIdRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.UsersById, tenant), request, Wire.UsersByIdRequest, Wire.UsersResponse, idempotent: true, cancellationToken);

    /// <summary>404 <see cref="ProblemTypes.UserNotFound"/>, also when the tenant does not exist.</summary>
    public Task<ServiceResult<CredentialRecord>> GetCredentialAsync(string tenant, string username, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.Credential, tenant, username), Wire.CredentialRecord, cancellationToken);

    /// <summary>
    /// The count for a user name and some sources, whether a user has it or not (also in a tenant that does not exist: none, not locked).
    /// </summary>
    public Task<ServiceResult<LoginAttemptResponse>> GetLoginAttemptsAsync(
        string tenant, string username, IEnumerable<string> sources, CancellationToken cancellationToken) =>
        _http.GetAsync(
            Fill(DbmanRoutes.LoginAttempts, tenant, username) + "?" + string.Join('&', sources.Select(static source => "source=" + Uri.EscapeDataString(source))),
            Wire.LoginAttemptResponse,
            cancellationToken);

    /// <summary>
    /// Counts an attempt; see <see cref="LoginAttemptRequest"/>. Names that no user has are counted like others; 404
    /// <see cref="ProblemTypes.TenantNotFound"/>.
    /// </summary>
    public Task<ServiceResult<LoginAttemptResponse>> RecordLoginAttemptAsync(string tenant, string username, LoginAttemptRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.LoginAttempts, tenant, username), request, Wire.LoginAttemptRequest, Wire.LoginAttemptResponse, idempotent: false, cancellationToken);

    /// <summary>
    /// Replaces a hash by a stronger one of the same password. 409 <see cref="ProblemTypes.CredentialChanged"/> when it is not the expected one.
    /// </summary>
    public Task<ServiceResult<Unit>> RenewPasswordHashAsync(string tenant, string user, RenewPasswordHashRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.PasswordHash, tenant, user), request, Wire.RenewPasswordHashRequest, Wire.Unit, idempotent: false, cancellationToken);

    /// <summary>
    /// Changes a password and ends the sessions that began with the old one, or neither. 409 <see cref="ProblemTypes.CredentialChanged"/>,
    /// 404 <see cref="ProblemTypes.SessionNotFound"/> when the session to be kept has ended.
    /// </summary>
    public Task<ServiceResult<RevokeSessionsResponse>> ReplacePasswordAsync(string tenant, string user, ReplacePasswordRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.Password, tenant, user), request, Wire.ReplacePasswordRequest, Wire.RevokeSessionsResponse, idempotent: false, cancellationToken);

    private static string Query(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
