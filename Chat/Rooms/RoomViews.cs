using Contracts;
using Contracts.Public;
using Contracts.Rooms;

namespace Chat.Rooms;

/// <summary>What applications see of what Dbman stores.</summary>
internal static class RoomViews
{
    public static RoomView ToView(this RoomRecord room, MemberRecord? member = null) => new(
        room.Id,
        room.Name,
        room.Visibility,
        room.LastSeq,
        room.Members,
        room.CreatedBy,
        room.CreatedAt,
        member?.Role,
        member?.ReadSeq,
        // The two were read concurrently: a marker may be newer than the head.
        member is null ? null : Math.Max(0, room.LastSeq - member.ReadSeq));

    public static RoomView ToView(this RoomSummary summary) => summary.Room.ToView() with
    {
        Role = summary.Role,
        ReadSeq = summary.ReadSeq,
        Unread = summary.Unread,
    };

    public static MemberView ToView(this MemberRecord member) =>
        new(member.UserId, member.DisplayName, member.Role, member.ReadSeq, member.JoinedAt, member.Username);

    public static Page<TView> ToPage<T, TView>(this Page<T> page, Func<T, TView> view) =>
        new([.. page.Items.Select(view)], page.Next);
}
