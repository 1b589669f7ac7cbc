using Contracts.Sessions;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Sessions;

/// <summary>Reads sessions and keys as the SQL files of this folder select them.</summary>
internal static class SessionRows
{
    /// <summary>id, user_id, created_at, last_used_at, expires_at, user_agent, address, revoked_at, revoked_reason.</summary>
    public const int SessionColumns = 9;

    public static SessionRecord Session(NpgsqlDataReader row, string tenant, int first = 0) => new(
        tenant,
        row.GetString(first),
        row.GetString(first + 1),
        row.Time(first + 2),
        row.Time(first + 3),
        row.Time(first + 4),
        row.TextOrNull(first + 5),
        row.TextOrNull(first + 6),
        row.TimeOrNull(first + 7),
        row.TextOrNull(first + 8));

    /// <summary>kid, algorithm, public_jwk, protected_private_key, not_before, signs_until, published_until.</summary>
    public static SigningKeyRecord Key(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.Time(4), row.Time(5), row.Time(6));
}
