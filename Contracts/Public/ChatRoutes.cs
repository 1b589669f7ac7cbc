namespace Contracts.Public;

/// <summary>Routes of chat that applications call, as ASP.NET Core templates. All need a user's access token.</summary>
public static class ChatRoutes
{
    /// <summary>POST creates a room (<see cref="NewRoom"/> -> 201 <see cref="RoomView"/>); GET lists the caller's rooms.</summary>
    public const string Rooms = "/v1/rooms";

    /// <summary>GET lists the tenant's public rooms. "public" is therefore no room id.</summary>
    public const string PublicRooms = Rooms + "/public";

    /// <summary>GET.</summary>
    public const string Room = Rooms + "/{room}";

    /// <summary>POST: the caller becomes a member of a public room.</summary>
    public const string Join = Room + "/join";

    /// <summary>POST: the caller is no longer a member.</summary>
    public const string Leave = Room + "/leave";

    /// <summary>GET lists members.</summary>
    public const string Members = Room + "/members";

    /// <summary>PUT adds a member or changes its role (<see cref="MemberChange"/>); DELETE removes it.</summary>
    public const string Member = Members + "/{user}";

    /// <summary>POST stores a message (<see cref="NewMessage"/> -> 201, or 200 when its id was stored before); GET lists them.</summary>
    public const string Messages = Room + "/messages";

    /// <summary>GET.</summary>
    public const string Message = Messages + "/{seq}";

    /// <summary>PUT moves the caller's read marker forward (<see cref="ReadPosition"/>).</summary>
    public const string Read = Room + "/read";

    /// <summary>GET: the caller's rooms with unread messages.</summary>
    public const string Unread = "/v1/unread";

    /// <summary>The one id that follows the rule for ids and yet names no room, as its place in the routes is taken.</summary>
    public const string ReservedRoomId = "public";
}
