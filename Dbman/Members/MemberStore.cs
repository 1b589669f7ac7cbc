using Contracts.Rooms;
using Dbman.Postgres;
using Dbman.Rooms;

namespace Dbman.Members;

/// <summary>Membership. Every change locks the room's row first, so the rules hold against all concurrent changes and appends.</summary>
internal sealed class MemberStore(Database database)
{
    private static readonly string GetMember = SqlText.Read("Members/GetMember.sql");
    private static readonly string ListMembers = SqlText.Read("Members/ListMembers.sql");
    private static readonly string PutMember = SqlText.Read("Members/PutMember.sql");
    private static readonly string RemoveMember = SqlText.Read("Members/RemoveMember.sql");
    private static readonly string MoveReadMarker = SqlText.Read("Members/MoveReadMarker.sql");

    public Task<MemberRecord?> GetAsync(string tenant, string room, string user, CancellationToken cancellationToken) =>
        database.FirstAsync(
            GetMember,
            row => RoomRows.Member(row, room),
            [Arg.Text("tenant", tenant), Arg.Text("room", room), Arg.Text("user", user)],
            cancellationToken);

    /// <summary>One more than <paramref name="limit"/> where there are more; null when there is no such room.</summary>
    public async Task<List<MemberRecord>?> ListAsync(string tenant, string room, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListMembers,
            row => row.IsDBNull(0) ? null : RoomRows.Member(row, room),
            [Arg.Text("tenant", tenant), Arg.Text("room", room), Arg.Text("after", after ?? ""), Arg.Int("limit", limit + 1)],
            cancellationToken);
        return RoomStore.OrMissing(rows);
    }

    public async Task<(MemberVerdict Verdict, PutMemberResponse? Response)> PutAsync(
        string tenant, string room, string user, PutMemberRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            PutMember,
            row => (
                Verdict: MemberVerdicts.Parse(row.GetString(0)),
                PreviousRole: row.TextOrNull(1),
                Member: row.IsDBNull(2) ? null : RoomRows.Member(row, room, 2)),
            [
                Arg.Text("tenant", tenant),
                Arg.Text("room", room),
                Arg.Text("user", user),
                Arg.Text("actor", request.Actor),
                Arg.Text("role", request.Role),
            ],
            cancellationToken);
        if (rows.Count == 0)
        {
            return (MemberVerdict.NotAMember, null);
        }

        var (verdict, previousRole, member) = rows[0];
        return member is null
            ? (verdict, null)
            : (verdict, new PutMemberResponse(member, previousRole is null, previousRole));
    }

    public async Task<MemberVerdict> RemoveAsync(string tenant, string room, string user, string actor, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            RemoveMember,
            static row => MemberVerdicts.Parse(row.GetString(0)),
            [Arg.Text("tenant", tenant), Arg.Text("room", room), Arg.Text("user", user), Arg.Text("actor", actor)],
            cancellationToken);
        return rows.Count == 0 ? MemberVerdict.NotAMember : rows[0];
    }

    /// <summary>Null when the user is no member.</summary>
    public Task<ReadMarkerResponse?> MoveReadMarkerAsync(string tenant, string room, string user, long seq, CancellationToken cancellationToken) =>
        database.FirstAsync(
            MoveReadMarker,
            static row => new ReadMarkerResponse(row.GetInt64(0), row.GetInt64(1)),
            [Arg.Text("tenant", tenant), Arg.Text("room", room), Arg.Text("user", user), Arg.Long("seq", seq)],
            cancellationToken);
}
