namespace Contracts.Users;

/// <summary>Roles of a user in its tenant.</summary>
public static class TenantRoles
{
    /// <summary>May administer the tenant: its users and files. In a room it is what its membership says, as everybody: rooms are private to their members.</summary>
    public const string Admin = "admin";

    /// <summary>Everybody else.</summary>
    public const string Member = "member";
}

/// <summary>A user as stored, without its credential.</summary>
public sealed record UserRecord(string Tenant, string Id, string Username, string DisplayName, string Role, DateTimeOffset CreatedAt);

/// <summary>Creates a user with a password hash made by Session. <c>Username</c> is compared case-insensitively.</summary>
public sealed record CreateUserRequest(string Id, string Username, string DisplayName, string Role, string PasswordHash);

/// <summary>What Session needs to check a password.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="PasswordHash">As Session stored it.</param>
/// <param name="FailedAttempts">Failed attempts since the last success.</param>
/// <param name="LockedUntil">No attempt is allowed before this time; null when not locked.</param>
public sealed record CredentialRecord(UserRecord User, string PasswordHash, int FailedAttempts, DateTimeOffset? LockedUntil = null);

/// <summary>Reports the outcome of one password check. Counting happens in one statement, so that parallel guesses are all counted.</summary>
/// <param name="Succeeded">A success resets the count.</param>
/// <param name="LockAfter">Failures after which the credential is locked.</param>
/// <param name="LockSeconds">First lock time; doubles with each further failure, up to <paramref name="MaxLockSeconds"/>.</param>
/// <param name="MaxLockSeconds">Longest lock time.</param>
public sealed record LoginAttemptRequest(bool Succeeded, int LockAfter, int LockSeconds, int MaxLockSeconds);

/// <summary>
/// The count for a user name. Names that no user bears are counted too, and an attempt that comes while the name is locked changes nothing:
/// so nobody can tell by its lock whether a name exists, and parallel guesses do not lengthen a lock.
/// </summary>
/// <param name="FailedAttempts">Failed attempts since the last success.</param>
/// <param name="LockedUntil">Database time; null when not locked.</param>
/// <param name="LockedForSeconds">What is left of the lock by the database's clock, so that the reader's clock need not agree with it; null when not locked.</param>
public sealed record LoginAttemptResponse(int FailedAttempts, DateTimeOffset? LockedUntil = null, double? LockedForSeconds = null);

/// <summary>Replaces the password hash (change of password, or a stronger hash of the same one).</summary>
public sealed record SetPasswordHashRequest(string PasswordHash);

/// <summary>Up to <see cref="Limits.Page"/> ids; unknown ones are left out of the answer.</summary>
public sealed record UsersByIdRequest(IReadOnlyList<string> Ids);

/// <summary>The users found.</summary>
public sealed record UsersResponse(IReadOnlyList<UserRecord> Users);
