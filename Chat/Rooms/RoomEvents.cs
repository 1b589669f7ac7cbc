using System.Text.Json;
using Chat.Relay;
using Contracts;
using Contracts.Publish;
using ServiceDefaults.Identity;

namespace Chat.Rooms;

/// <summary>Tells a room's subscribers about changes of its membership.</summary>
internal sealed class RoomEvents(SystemEventRelay relay, TimeProvider time)
{
    public void Joined(UserIdentity actor, string room, string user, string role) =>
        Raise(SystemEvents.MemberJoined, actor, room, user, Role(role));

    public void RoleChanged(UserIdentity actor, string room, string user, string role) =>
        Raise(SystemEvents.MemberRole, actor, room, user, Role(role));

    /// <summary>By itself, or by somebody else: then its sockets lose the subscription as well.</summary>
    public void Left(UserIdentity actor, string room, string user) =>
        Raise(user == actor.User ? SystemEvents.MemberLeft : SystemEvents.MemberRemoved, actor, room, user);

    private static JsonElement Role(string role)
    {
        using var document = JsonDocument.Parse($$"""{"role":"{{JsonEncodedText.Encode(role)}}"}""");
        return document.RootElement.Clone();
    }

    private void Raise(string name, UserIdentity actor, string room, string user, JsonElement? data = null) =>
        relay.Enqueue(new SystemEventRecord(actor.Tenant, room, Ids.New(time), name, actor.User, time.GetUtcNow(), user, data));
}
