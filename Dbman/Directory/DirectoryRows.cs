using Contracts.Tenants;
using Contracts.Users;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Directory;

/// <summary>Reads tenants and users as the SQL files select them.</summary>
internal static class DirectoryRows
{
    /// <summary>id, name, open_registration, storage_quota, created_at.</summary>
    public const int TenantColumns = 5;

    public static TenantRecord Tenant(NpgsqlDataReader row, int first = 0) => new(
        row.GetString(first), row.GetString(first + 1), row.GetBoolean(first + 2), row.GetInt64(first + 3), row.Time(first + 4));

    public const int UserColumns = 6;

    /// <summary>id, username, display_name, role, created_at, status.</summary>
    public static UserRecord User(NpgsqlDataReader row, string tenant, int first = 0) => new(
        tenant, row.GetString(first), row.GetString(first + 1), row.GetString(first + 2), row.GetString(first + 3), row.Time(first + 4), row.TextOrNull(first + 5));
}
