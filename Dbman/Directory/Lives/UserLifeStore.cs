using Contracts.Users;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Directory.Lives;

/// <summary>
/// What becomes of users after their registration.
/// <para>
/// A removal is one transaction: memberships end (rooms that would be without an owner who may sign in get one), sessions end, the credential and the counts of failed logins go, and the row
/// of the user becomes a tombstone. Nothing of it is ever seen alone. It locks the user's row against everything that refers to it, so that every
/// concurrent transaction comes wholly before, and is undone by it, or wholly after, and finds a tombstone: a login and a refresh get no session, a
/// join and a new room no membership, a post no number, a change of name changes nothing.
/// </para>
/// <para>
/// A user in more rooms than <see cref="MaxRooms"/> leaves that many in a transaction of their own, as locks on all of them would stop these rooms for long, and the caller asks again. Crash
/// between two: the user is still there, without some of its rooms, and the next removal continues from there. A tombstone therefore never has a membership.
/// </para>
/// <para>
/// Removals, deactivations and changes of role of one tenant take turns on the tenant's row. That keeps the last admin: each sees what the one before left. It also keeps two removals that make each other's
/// users heirs from waiting for each other.
/// </para>
/// </summary>
internal sealed class UserLifeStore(Database database)
{
    /// <summary>Rooms that one transaction leaves: some hundred milliseconds during which nothing is posted there.</summary>
    public const int MaxRooms = 500;

    private static readonly string RenameUser = SqlText.Read("Directory/Lives/RenameUser.sql");
    private static readonly string SetUserActive = SqlText.Read("Directory/Lives/SetUserActive.sql");
    private static readonly string SetUserRole = SqlText.Read("Directory/Lives/SetUserRole.sql");
    private static readonly string RemoveUser = SqlText.Read("Directory/Lives/RemoveUser.sql");

    /// <summary>Null when there is no such user.</summary>
    public Task<UserRecord?> RenameAsync(string tenant, string user, string displayName, CancellationToken cancellationToken) =>
        database.FirstAsync(
            RenameUser,
            row => DirectoryRows.User(row, tenant),
            [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Text("display_name", displayName)],
            cancellationToken);

    /// <summary>What became of it, and the ids of the sessions that ended with it.</summary>
    public Task<(LifeVerdict Verdict, string[] Revoked)> SetActiveAsync(string tenant, string user, SetUserActiveRequest request, CancellationToken cancellationToken) =>
        ChangeAsync(SetUserActive, [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Flag("active", request.Active), Arg.Text("reason", request.Reason)], cancellationToken);

    /// <inheritdoc cref="SetActiveAsync"/>
    public Task<(LifeVerdict Verdict, string[] Revoked)> SetRoleAsync(string tenant, string user, SetUserRoleRequest request, CancellationToken cancellationToken) =>
        ChangeAsync(SetUserRole, [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Text("role", request.Role), Arg.Text("reason", request.Reason)], cancellationToken);

    /// <summary>What became of it, the ids of the sessions that ended with it, and the rooms that the user left.</summary>
    public async Task<(LifeVerdict Verdict, RemoveUserResponse? Response)> RemoveAsync(
        string tenant, string user, RemoveUserRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            RemoveUser,
            static row =>
            {
                var verdict = LifeVerdicts.Parse(row.GetString(0));
                var (rooms, heirs, joined) = (row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3), row.GetFieldValue<bool[]>(4));
                var left = rooms.Select((room, index) => new LeftRoom(room, heirs[index].Length == 0 ? null : heirs[index], joined[index]));
                return (verdict, new RemoveUserResponse(verdict == LifeVerdict.More, row.GetFieldValue<string[]>(1), [.. left]));
            },
            [
                Arg.Text("tenant", tenant),
                Arg.Text("user", user),
                Arg.Text("reason", request.Reason),
                Arg.OptionalLong("generation", request.Generation),
                Arg.Int("max_rooms", MaxRooms),
            ],
            cancellationToken);
        return rows.Count == 0 ? (LifeVerdict.NoUser, null) : rows[0];
    }

    private async Task<(LifeVerdict Verdict, string[] Revoked)> ChangeAsync(string sql, NpgsqlParameter[] arguments, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(sql, static row => (LifeVerdicts.Parse(row.GetString(0)), row.GetFieldValue<string[]>(1)), arguments, cancellationToken);
        return rows.Count == 0 ? (LifeVerdict.NoUser, []) : rows[0];
    }
}
