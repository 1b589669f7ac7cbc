using Contracts;
using Contracts.Dbman;
using Contracts.Tenants;
using Contracts.Users;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Directory;

/// <summary>Tenants and users.</summary>
internal static class DirectoryEndpoints
{
    /// <summary>Hashes with their parameters are far shorter.</summary>
    private const int MaxPasswordHash = 1_024;

    /// <summary>A name has at most 64 characters, and a character looks like a few others.</summary>
    private const int MaxSkeleton = 2_048;

    /// <summary>A name grows when it is folded.</summary>
    private const int MaxPrefix = 4 * Limits.Name;

    public static void MapDirectory(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AddEndpointFilter<GateFilter>();
        limited.MapPost(DbmanRoutes.Tenants, CreateTenantAsync).AllowCallers(ServiceNames.Session);
        limited.MapGet(DbmanRoutes.Tenant, GetTenantAsync).AllowCallers(ServiceNames.Session, ServiceNames.Realtime);
        limited.MapPost(DbmanRoutes.Users, CreateUserAsync).AllowCallers(ServiceNames.Session);
        limited.MapGet(DbmanRoutes.Users, ListUsersAsync).AllowCallers(ServiceNames.Chat);
        limited.MapPost(DbmanRoutes.UsersById, GetUsersAsync).AllowCallers(ServiceNames.Chat, ServiceNames.Session);
        limited.MapGet(DbmanRoutes.User, GetUserAsync).AllowCallers(ServiceNames.Session, ServiceNames.Realtime);
        limited.MapGet(DbmanRoutes.Directory, ListDirectoryAsync).AllowCallers(ServiceNames.Session);
    }

    public static void PasswordHash(ref this Check check, string? hash) => check.Text("passwordHash", hash, MaxPasswordHash);

    private static async Task<IResult> CreateTenantAsync(CreateTenantRequest request, DirectoryStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Id("id", request.Id);
        check.Text("name", request.Name, Limits.Name);
        check.Range("storageQuota", request.StorageQuota, 0, long.MaxValue);
        check.That(request.Admin is not null, "admin", "is missing.");
        if (check.Problem is null)
        {
            check.User(request.Admin!);
        }

        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.CreateTenantAsync(request, cancellationToken) is { } created
            ? TypedResults.Created((string?)null, created)
            : Problems.Conflict("The tenant id is taken.", ProblemTypes.TenantExists);
    }

    private static async Task<IResult> GetTenantAsync(string tenant, DirectoryStore store, CancellationToken cancellationToken) =>
        await store.GetTenantAsync(tenant, cancellationToken) is { } found ? TypedResults.Ok(found) : NoTenant();

    private static async Task<IResult> CreateUserAsync(
        string tenant, CreateUserRequest request, DirectoryStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.User(request);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (outcome, user) = await store.CreateUserAsync(tenant, request, cancellationToken);
        return outcome switch
        {
            DirectoryStore.CreateUserOutcome.Created => TypedResults.Created((string?)null, user),
            DirectoryStore.CreateUserOutcome.NoTenant => NoTenant(),
            DirectoryStore.CreateUserOutcome.UsernameTaken => Problems.Conflict("The user name is taken in the tenant.", ProblemTypes.UsernameTaken),
            _ => Problems.Conflict("The user id is taken in the tenant."),
        };
    }

    private static async Task<IResult> ListUsersAsync(
        string tenant, DirectoryStore store, CancellationToken cancellationToken, string? after = null, int limit = 100)
    {
        var check = default(Check);
        check.Page(after, limit);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.ListUsersAsync(tenant, after, limit, cancellationToken) is { } rows
            ? TypedResults.Ok(rows.ToPage(limit, static user => user.Id))
            : NoTenant();
    }

    private static async Task<IResult> GetUsersAsync(
        string tenant, UsersByIdRequest request, DirectoryStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        if (check.List("ids", request.Ids, Limits.Page))
        {
            foreach (var id in request.Ids)
            {
                check.Id("ids", id);
            }
        }

        return check.Problem is { } problem
            ? problem
            : TypedResults.Ok(new UsersResponse(await store.GetUsersAsync(tenant, request.Ids, cancellationToken)));
    }

    private static async Task<IResult> GetUserAsync(string tenant, string user, DirectoryStore store, CancellationToken cancellationToken) =>
        await store.GetUserAsync(tenant, user, cancellationToken) is { } found ? TypedResults.Ok(found) : NoUser();

    private static async Task<IResult> ListDirectoryAsync(
        string tenant,
        DirectoryStore store,
        CancellationToken cancellationToken,
        string? username = null,
        string? displayName = null,
        bool deactivated = false,
        string? after = null,
        int limit = 100)
    {
        var cursor = after is null ? null : DirectoryCursor.Parse(after);
        var check = default(Check);
        check.OptionalText("username", username, MaxPrefix);
        check.OptionalText("displayName", displayName, MaxPrefix);
        check.That((after is null) == (cursor is null), "after", "must be 'next' of the page before.");
        check.Range("limit", limit, 1, Limits.Page);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.ListDirectoryAsync(tenant, new DirectoryQuery(username, displayName, deactivated, cursor, limit), cancellationToken) is { } page
            ? TypedResults.Ok(page)
            : NoTenant();
    }

    private static void User(ref this Check check, CreateUserRequest user)
    {
        check.Id("id", user.Id);
        check.Text("username", user.Username, Limits.Name);
        check.Text("displayName", user.DisplayName, Limits.Name);
        check.That(user.Role is TenantRoles.Admin or TenantRoles.Member, "role", "must be 'admin' or 'member'.");
        check.PasswordHash(user.PasswordHash);
        check.OptionalText("skeleton", user.Skeleton, MaxSkeleton);
    }

    public static ProblemResult NoUser() => Problems.NotFound("There is no such user in the tenant.", ProblemTypes.UserNotFound);

    private static ProblemResult NoTenant() => Problems.NotFound("There is no such tenant.", ProblemTypes.TenantNotFound);
}
