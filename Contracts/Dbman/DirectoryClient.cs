using Contracts.Results;
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

    /// <summary>Looks up many users at once.</summary>
    public Task<ServiceResult<UsersResponse>> GetUsersAsync(string tenant, UsersByIdRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.UsersById, tenant), request, Wire.UsersByIdRequest, Wire.UsersResponse, idempotent: true, cancellationToken);

    /// <summary>404 <see cref="ProblemTypes.UserNotFound"/>, also when the tenant does not exist.</summary>
    public Task<ServiceResult<CredentialRecord>> GetCredentialAsync(string tenant, string username, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.Credential, tenant, username), Wire.CredentialRecord, cancellationToken);

    /// <summary>The count for a user name, whether a user bears it or not (also in a tenant that does not exist: none, not locked).</summary>
    public Task<ServiceResult<LoginAttemptResponse>> GetLoginAttemptsAsync(string tenant, string username, CancellationToken cancellationToken) =>
        _http.GetAsync(Fill(DbmanRoutes.LoginAttempts, tenant, username), Wire.LoginAttemptResponse, cancellationToken);

    /// <summary>
    /// Counts an attempt; see <see cref="LoginAttemptRequest"/>. Names that no user bears are counted like others; 404 <see cref="ProblemTypes.TenantNotFound"/>.
    /// </summary>
    public Task<ServiceResult<LoginAttemptResponse>> RecordLoginAttemptAsync(string tenant, string username, LoginAttemptRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Post, Fill(DbmanRoutes.LoginAttempts, tenant, username), request, Wire.LoginAttemptRequest, Wire.LoginAttemptResponse, idempotent: false, cancellationToken);

    /// <summary>Replaces a password hash.</summary>
    public Task<ServiceResult<Unit>> SetPasswordHashAsync(string tenant, string user, SetPasswordHashRequest request, CancellationToken cancellationToken) =>
        _http.SendJsonAsync(HttpMethod.Put, Fill(DbmanRoutes.PasswordHash, tenant, user), request, Wire.SetPasswordHashRequest, Wire.Unit, idempotent: true, cancellationToken);
}
