namespace Contracts.Users;

/// <summary>Roles of a user in its tenant.</summary>
public static class TenantRoles
{
    /// <summary>
    /// May administer the tenant: its users and files. In a room it is what its membership says, as everybody: rooms are private to their members.
    /// </summary>
    public const string Admin = "admin";

    /// <summary>Everybody else.</summary>
    public const string Member = "member";
}

/// <summary>What a user is when it is not simply there.</summary>
public static class UserStatuses
{
    /// <summary>May not sign in until it is activated again.</summary>
    public const string Deactivated = "deactivated";

    /// <summary>A tombstone: the id stays, as messages name it; the names are gone.</summary>
    public const string Removed = "removed";
}

/// <summary>A user as stored, without its credential.</summary>
/// <param name="Tenant">Tenant id.</param>
/// <param name="Id">User id.</param>
/// <param name="Username">Name to log in with; empty of a removed user.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="Role">One of <see cref="TenantRoles"/>.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Status">One of <see cref="UserStatuses"/>; null of a user who may sign in.</param>
public sealed record UserRecord(string Tenant, string Id, string Username, string DisplayName, string Role, DateTimeOffset CreatedAt, string? Status = null);

/// <summary>Creates a user with a password hash made by Session.</summary>
/// <param name="Id">User id.</param>
/// <param name="Username">Compared case-insensitively.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="Role">One of <see cref="TenantRoles"/>.</param>
/// <param name="PasswordHash">Made by Session.</param>
/// <param name="Skeleton">
/// What names that look like this one have in common: a tenant has no two users of one skeleton. Null: nothing looks like it.
/// </param>
public sealed record CreateUserRequest(string Id, string Username, string DisplayName, string Role, string PasswordHash, string? Skeleton = null);

/// <summary>What Session needs to check a password.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="PasswordHash">As Session stored it.</param>
/// <param name="Generation">Grows with every change of the password, not with a stronger hash of the same one.</param>
public sealed record CredentialRecord(UserRecord User, string PasswordHash, long Generation)
{
    /// <summary>Of a user who was just created.</summary>
    public const long FirstGeneration = 1;
}

/// <summary>How failed logins of one source slow it down.</summary>
/// <param name="Source">
/// Where they come from: an address, a device, a session, or the empty text for all unknown ones together. Up to 128 characters.
/// </param>
/// <param name="LockAfter">Failures after which the source is locked out of the name.</param>
/// <param name="LockSeconds">First lock time; doubles with each further failure, up to <paramref name="MaxLockSeconds"/>.</param>
/// <param name="MaxLockSeconds">Longest lock time.</param>
/// <param name="WindowSeconds">The count begins again when its first failure is older; 0: never but by a success.</param>
public sealed record LoginThrottle(string Source, int LockAfter, int LockSeconds, int MaxLockSeconds, int WindowSeconds = 0);

/// <summary>Reports the outcome of one password check. Counting happens in one statement, so that parallel guesses are all counted.</summary>
/// <param name="Succeeded">A success resets the count of the named sources.</param>
/// <param name="Throttles">The sources that it counts for; at least one.</param>
public sealed record LoginAttemptRequest(bool Succeeded, IReadOnlyList<LoginThrottle> Throttles);

/// <summary>
/// The count for a user name, of the strictest of the named sources. Names that no user has are counted too, and an attempt that comes while a
/// source is locked changes nothing: so nobody can tell by a lock whether a name exists, and parallel guesses do not lengthen it.
/// </summary>
/// <param name="FailedAttempts">Failed attempts since the last success.</param>
/// <param name="LockedUntil">Database time; null when not locked.</param>
/// <param name="LockedForSeconds">
/// What is left of the lock by the database's clock, so that the reader's clock need not agree with it; null when not locked.
/// </param>
/// <param name="TenantExists">Whether there is such a tenant.</param>
public sealed record LoginAttemptResponse(
    int FailedAttempts, DateTimeOffset? LockedUntil = null, double? LockedForSeconds = null, bool TenantExists = true);

/// <summary>Replaces a password hash by a stronger one of the same password.</summary>
/// <param name="PasswordHash">The stronger one.</param>
/// <param name="Expected">The one that was checked; when it is no longer stored, nothing changes.</param>
public sealed record RenewPasswordHashRequest(string PasswordHash, string Expected);

/// <summary>Changes a password, and ends the user's sessions in the same transaction.</summary>
/// <param name="PasswordHash">Of the new password.</param>
/// <param name="Reason">Why the sessions end, e.g. <c>password-changed</c>.</param>
/// <param name="Generation">
/// Of the credential that was checked; when it is no longer the present one, nothing changes. Null: whatever the present one is.
/// </param>
/// <param name="KeepSession">The calling session, which stays; if it has ended, nothing changes. Null: all end.</param>
public sealed record ReplacePasswordRequest(string PasswordHash, string Reason, long? Generation = null, string? KeepSession = null);

/// <summary>Changes the name that people read.</summary>
public sealed record RenameUserRequest(string DisplayName);

/// <summary>Activates or deactivates a user. Deactivating ends the user's sessions in the same transaction.</summary>
/// <param name="Active">Whether it may sign in.</param>
/// <param name="Reason">Why the sessions end.</param>
public sealed record SetUserActiveRequest(bool Active, string Reason);

/// <summary>
/// Changes a user's role in its tenant. An admin who becomes a member loses its sessions in the same transaction, as tokens carry the role.
/// </summary>
/// <param name="Role">One of <see cref="TenantRoles"/>.</param>
/// <param name="Reason">Why the sessions end.</param>
public sealed record SetUserRoleRequest(string Role, string Reason);

/// <summary>Removes a user.</summary>
/// <param name="Reason">Why the sessions end.</param>
/// <param name="Generation">
/// Of the credential that was checked; when it is no longer the present one, nothing changes. Null: whatever the present one is.
/// </param>
public sealed record RemoveUserRequest(string Reason, long? Generation = null);

/// <summary>What became of it.</summary>
/// <param name="More">The user is in more rooms than one transaction leaves: it left these, and is still there. Ask again.</param>
/// <param name="Revoked">Sessions that ended with it.</param>
/// <param name="Rooms">Rooms that it left, in order of id; empty when it had been removed before.</param>
public sealed record RemoveUserResponse(bool More, IReadOnlyList<string> Revoked, IReadOnlyList<LeftRoom> Rooms);

/// <summary>A room that a removed user left.</summary>
/// <param name="Room">Room id.</param>
/// <param name="Heir">Who is its owner now; null where another owner is left.</param>
/// <param name="HeirJoined">Whether the heir became a member by it.</param>
public sealed record LeftRoom(string Room, string? Heir = null, bool HeirJoined = false);

/// <summary>Up to <see cref="Limits.Page"/> ids; unknown ones are left out of the answer.</summary>
public sealed record UsersByIdRequest(IReadOnlyList<string> Ids);

/// <summary>The users found.</summary>
public sealed record UsersResponse(IReadOnlyList<UserRecord> Users);
