using Contracts.Rooms;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Rooms;

/// <summary>Reads rooms and members as the SQL files of this folder select them.</summary>
internal static class RoomRows
{
    /// <summary>id, name, visibility, last_seq, created_by, created_at, member_count.</summary>
    public const int RoomColumns = 7;

    public static RoomRecord Room(NpgsqlDataReader row, string tenant, int first = 0) => new(
        tenant,
        row.GetString(first),
        row.GetString(first + 1),
        row.GetString(first + 2),
        row.GetInt64(first + 3),
        row.GetString(first + 4),
        row.Time(first + 5),
        row.GetInt32(first + 6));

    /// <summary>user_id, display_name, role, read_seq, joined_at.</summary>
    public static MemberRecord Member(NpgsqlDataReader row, string room, int first = 0) => new(
        room,
        row.GetString(first),
        row.GetString(first + 1),
        row.GetString(first + 2),
        row.GetInt64(first + 3),
        row.Time(first + 4),
        row.GetString(first + 5));
}
