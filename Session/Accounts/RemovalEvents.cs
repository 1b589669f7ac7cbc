using System.Text.Json;
using Contracts;
using Contracts.Publish;
using Contracts.Rooms;
using Contracts.Users;
using ServiceDefaults.Identity;

namespace Session.Accounts;

/// <summary>Events to the rooms of a removed user: a member left, as for any member, and who is the owner now.</summary>
internal static class RemovalEvents
{
    /// <summary>Distinguishes a removed account from an ended membership: clients then drop the user's name.</summary>
    private static readonly JsonElement Gone = JsonElement.Parse($$"""{"user":"{{UserStatuses.Removed}}"}""");

    private static readonly JsonElement Owner = JsonElement.Parse($$"""{"role":"{{RoomRoles.Owner}}"}""");

    public static List<SystemEventRecord> Of(UserIdentity actor, string user, IReadOnlyList<LeftRoom> rooms, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var left = actor.User == user ? SystemEvents.MemberLeft : SystemEvents.MemberRemoved;
        List<SystemEventRecord> events = [];
        foreach (var (room, heir, joined) in rooms)
        {
            events.Add(new SystemEventRecord(actor.Tenant, room, Ids.New(time), left, actor.User, now, user, Gone));
            if (heir is not null)
            {
                events.Add(new SystemEventRecord(
                    actor.Tenant, room, Ids.New(time), joined ? SystemEvents.MemberJoined : SystemEvents.MemberRole, actor.User, now, heir, Owner));
            }
        }

        return events;
    }
}
