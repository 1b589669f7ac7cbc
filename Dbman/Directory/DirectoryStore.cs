using Contracts;
using Contracts.Tenants;
using Contracts.Users;
using Dbman.Postgres;

namespace Dbman.Directory;

/// <summary>Tenants and users.</summary>
internal sealed class DirectoryStore(Database database)
{
    private static readonly string CreateTenant = SqlText.Read("Directory/CreateTenant.sql");
    private static readonly string GetTenant = SqlText.Read("Directory/GetTenant.sql");
    private static readonly string CreateUser = SqlText.Read("Directory/CreateUser.sql");
    private static readonly string ReadUserConflict = SqlText.Read("Directory/ReadUserConflict.sql");
    private static readonly string GetUser = SqlText.Read("Directory/GetUser.sql");
    private static readonly string ListUsers = SqlText.Read("Directory/ListUsers.sql");
    private static readonly string ListDirectory = SqlText.Read("Directory/ListDirectory.sql");
    private static readonly string ReadUsersById = SqlText.Read("Directory/ReadUsersById.sql");

    public enum CreateUserOutcome
    {
        Created,
        NoTenant,
        UsernameTaken,
        IdTaken,
    }

    /// <summary>Null when the tenant id is taken, ignoring case.</summary>
    public Task<CreateTenantResponse?> CreateTenantAsync(CreateTenantRequest request, CancellationToken cancellationToken) =>
        database.FirstAsync(
            CreateTenant,
            static row =>
            {
                var tenant = DirectoryRows.Tenant(row);
                return new CreateTenantResponse(tenant, DirectoryRows.User(row, tenant.Id, DirectoryRows.TenantColumns));
            },
            [
                Arg.Text("tenant", request.Id),
                Arg.Text("name", request.Name),
                Arg.Flag("open_registration", request.OpenRegistration),
                Arg.Long("storage_quota", request.StorageQuota),
                Arg.Text("user", request.Admin.Id),
                Arg.Text("username", request.Admin.Username),
                Arg.Text("username_key", Usernames.Key(request.Admin.Username)),
                Arg.Text("skeleton", request.Admin.Skeleton),
                Arg.Text("display_name", request.Admin.DisplayName),
                Arg.Text("role", request.Admin.Role),
                Arg.Text("password_hash", request.Admin.PasswordHash),
            ],
            cancellationToken);

    public Task<TenantRecord?> GetTenantAsync(string tenant, CancellationToken cancellationToken) =>
        database.FirstAsync(GetTenant, static row => DirectoryRows.Tenant(row), [Arg.Text("tenant", tenant)], cancellationToken);

    public async Task<(CreateUserOutcome Outcome, UserRecord? User)> CreateUserAsync(
        string tenant, CreateUserRequest request, CancellationToken cancellationToken)
    {
        var key = Usernames.Key(request.Username);
        var user = await database.FirstAsync(
            CreateUser,
            row => DirectoryRows.User(row, tenant),
            [
                Arg.Text("tenant", tenant),
                Arg.Text("user", request.Id),
                Arg.Text("username", request.Username),
                Arg.Text("username_key", key),
                Arg.Text("skeleton", request.Skeleton),
                Arg.Text("display_name", request.DisplayName),
                Arg.Text("role", request.Role),
                Arg.Text("password_hash", request.PasswordHash),
            ],
            cancellationToken);
        if (user is not null)
        {
            return (CreateUserOutcome.Created, user);
        }

        var (hasTenant, nameTaken) = (await database.ListAsync(
            ReadUserConflict,
            static row => (row.GetBoolean(0), row.GetBoolean(1)),
            [Arg.Text("tenant", tenant), Arg.Text("username_key", key), Arg.Text("skeleton", request.Skeleton)],
            cancellationToken))[0];
        return (hasTenant, nameTaken) switch
        {
            (false, _) => (CreateUserOutcome.NoTenant, null),
            (_, true) => (CreateUserOutcome.UsernameTaken, null),
            _ => (CreateUserOutcome.IdTaken, null),
        };
    }

    public Task<UserRecord?> GetUserAsync(string tenant, string user, CancellationToken cancellationToken) =>
        database.FirstAsync(GetUser, row => DirectoryRows.User(row, tenant), [Arg.Text("tenant", tenant), Arg.Text("user", user)], cancellationToken);

    /// <summary>One more than <paramref name="limit"/> where there are more; null when there is no such tenant.</summary>
    public async Task<List<UserRecord>?> ListUsersAsync(string tenant, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListUsers,
            row => row.IsDBNull(0) ? null : DirectoryRows.User(row, tenant),
            [Arg.Text("tenant", tenant), Arg.Text("after", after ?? ""), Arg.Int("limit", limit + 1)],
            cancellationToken);
        return rows.Count == 0 ? null : [.. rows.OfType<UserRecord>()];
    }

    /// <summary>A page of the directory; null when there is no such tenant.</summary>
    public async Task<Page<UserRecord>?> ListDirectoryAsync(string tenant, DirectoryQuery query, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListDirectory,
            row => row.IsDBNull(0)
                ? default
                : (Cursor: new DirectoryCursor(row.GetString(0), row.GetString(2)), IsFirst: row.GetBoolean(1), User: DirectoryRows.User(row, tenant, 2)),
            [
                Arg.Text("tenant", tenant),
                Arg.Text("username", query.Username),
                Arg.Text("display_name", query.DisplayName),
                Arg.Flag("deactivated", query.Deactivated),
                Arg.Text("after", query.After?.Key ?? ""),
                Arg.Text("after_id", query.After?.Id ?? ""),
                Arg.Int("window", query.Window),
            ],
            cancellationToken);
        if (rows.Count == 0)
        {
            return null;
        }

        var found = rows.TakeWhile(static row => row.User is not null).ToList();
        var firsts = found.FindAll(static row => row.IsFirst);
        var next = firsts.Count > query.Limit ? firsts[query.Limit - 1].Cursor
            : found.Count == query.Window ? found[^1].Cursor
            : null;
        return new Page<UserRecord>([.. firsts.Take(query.Limit).Select(static row => row.User)], next?.ToString());
    }

    public Task<List<UserRecord>> GetUsersAsync(string tenant, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        database.ListAsync(ReadUsersById, row => DirectoryRows.User(row, tenant), [Arg.Text("tenant", tenant), Arg.Texts("ids", ids)], cancellationToken);
}
