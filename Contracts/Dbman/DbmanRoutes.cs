namespace Contracts.Dbman;

/// <summary>
/// Routes of dbman, as ASP.NET Core templates. <see cref="DbmanClient"/> fills them. All are for services, each for those that it names. Item routes
/// answer 404 with the type of what is missing; every list is walked by key.
/// </summary>
public static class DbmanRoutes
{
    public const string Prefix = "/internal/v1";

    // Tenants and users
    public const string Tenants = Prefix + "/tenants";
    public const string Tenant = Tenants + "/{tenant}";
    public const string Users = Tenant + "/users";
    public const string UsersById = Users + "/by-id";
    public const string User = Users + "/{user}";
    public const string DisplayName = User + "/display-name";
    public const string Active = User + "/active";
    public const string Role = User + "/role";
    public const string RemoveUser = User + "/remove";
    public const string Directory = Tenant + "/directory";
    public const string PasswordHash = User + "/password-hash";
    public const string Password = User + "/password";
    public const string Credential = Tenant + "/credentials/{username}";
    public const string LoginAttempts = Credential + "/attempts";

    // Sessions
    public const string Sessions = Tenant + "/sessions";
    public const string UserSessions = User + "/sessions";
    public const string RevokeSessions = UserSessions + "/revoke";
    public const string RevokedSessions = Prefix + "/sessions/revoked";
    public const string RotateRefreshToken = Prefix + "/refresh-tokens/rotate";
    public const string SigningKeys = Prefix + "/signing-keys";

    // Rooms
    public const string Rooms = Tenant + "/rooms";
    public const string Room = Rooms + "/{room}";
    public const string Members = Room + "/members";
    public const string Member = Members + "/{user}";
    public const string ReadMarker = Member + "/read";
    public const string UserRooms = User + "/rooms";
    public const string Unread = User + "/unread";

    // Messages
    public const string Append = Prefix + "/messages/append";
    public const string History = Room + "/messages";
    public const string Heads = Prefix + "/rooms/heads";
    public const string MarkRelayed = Prefix + "/relay/mark";
    public const string ClaimUnrelayed = Prefix + "/relay/claim";

    // Files
    public const string Files = Tenant + "/files";
    public const string File = Files + "/{file}";
    public const string CompleteFile = File + "/complete";
    public const string Thumbnail = File + "/thumbnail";
    public const string StorageUsage = Tenant + "/storage";
    public const string ReapableFiles = Prefix + "/files/reapable";
    public const string ForgetFile = File + "/forget";

    // Channel layouts and the nodes that follow them
    public const string Layouts = Prefix + "/layouts";
    public const string LayoutHistory = Layouts + "/history";
    public const string LayoutNodes = Layouts + "/nodes";
    public const string LayoutNode = LayoutNodes + "/{node}";
    public const string LayoutDriver = Layouts + "/driver";
    public const string LayoutGoals = Layouts + "/goals";
    public const string ClearLayoutGoal = LayoutGoals + "/clear";
    public const string LayoutDecisions = Layouts + "/decisions";

    // How dbman itself is
    public const string Replicas = Prefix + "/replicas";
}
