namespace Contracts.Public;

/// <summary>Signs a tenant up, with its first user, who becomes its admin.</summary>
/// <param name="Tenant">Id of the tenant.</param>
/// <param name="Name">For people; up to <see cref="Limits.Name"/> characters.</param>
/// <param name="Admin">The first user.</param>
/// <param name="OpenRegistration">Whether anybody may register; null: as the service is configured.</param>
public sealed record SignUpRequest(string Tenant, string Name, RegisterRequest Admin, bool? OpenRegistration = null);

/// <summary>Registers a user.</summary>
/// <param name="Username">Unique in the tenant, without regard to case.</param>
/// <param name="Password">8 to 256 characters.</param>
/// <param name="DisplayName">For people; null: the user name.</param>
public sealed record RegisterRequest(string Username, string Password, string? DisplayName = null);

/// <summary>Starts a session.</summary>
/// <param name="Tenant">Id of the tenant.</param>
/// <param name="Username">The user's name in it.</param>
/// <param name="Password">The user's password.</param>
/// <param name="Device">
/// <see cref="TokenResponse.Device"/> of an earlier login of this user on this device: strangers who guess under the same name do not slow such a
/// device down. Null, and any other text, is an unknown device.
/// </param>
public sealed record LoginRequest(string Tenant, string Username, string Password, string? Device = null);

/// <summary>Exchanges a refresh token; the one that was sent is worth nothing afterwards.</summary>
public sealed record RefreshRequest(string RefreshToken);

/// <summary>Changes the caller's password and ends all its other sessions.</summary>
public sealed record ChangePasswordRequest(string CurrentPassword, string NewPassword);

/// <summary>Changes the caller's display name.</summary>
public sealed record ChangeNameRequest(string DisplayName);

/// <summary>An admin sets a user's password; all of the user's sessions end.</summary>
public sealed record ResetPasswordRequest(string NewPassword);

/// <summary>An admin activates or deactivates a user; all of the user's sessions end.</summary>
public sealed record UserActiveRequest(bool Active);

/// <summary>An admin makes a user an admin, or no longer one; then all of the user's sessions end.</summary>
/// <param name="Role">admin or member.</param>
public sealed record UserRoleRequest(string Role);

/// <summary>Removes the caller itself, for good.</summary>
public sealed record RemoveMeRequest(string CurrentPassword);

/// <summary>A user as applications see it.</summary>
/// <param name="Id">User id; no other user of the tenant ever has it.</param>
/// <param name="Username">Name to log in with; empty of a removed user.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="Role">Role in the tenant: admin or member.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="Status">One of <see cref="Contracts.Users.UserStatuses"/>; absent of a user who may sign in.</param>
public sealed record UserInfo(string Id, string Username, string DisplayName, string Role, DateTimeOffset CreatedAt, string? Status = null);

/// <summary>A tenant as applications see it.</summary>
public sealed record TenantInfo(string Id, string Name, bool OpenRegistration);

/// <summary>What a login, a registration and a refresh answer with.</summary>
/// <param name="AccessToken">Bearer token.</param>
/// <param name="RefreshToken">Good for one exchange.</param>
/// <param name="ExpiresIn">Life of the access token in seconds.</param>
/// <param name="TokenType">Bearer.</param>
/// <param name="SessionId">The session that both tokens belong to.</param>
/// <param name="User">Whose session it is.</param>
/// <param name="Tenant">Id of the tenant.</param>
/// <param name="Device">
/// To be sent with the next login on this device; see <see cref="LoginRequest.Device"/>. Gives no right. Not in the answer to a refresh.
/// </param>
public sealed record TokenResponse(
    string AccessToken,
    string RefreshToken,
    int ExpiresIn,
    string TokenType,
    string SessionId,
    UserInfo User,
    string Tenant,
    string? Device = null);

/// <summary>Who the caller is.</summary>
public sealed record MeResponse(UserInfo User, TenantInfo Tenant, string SessionId);

/// <summary>A session as its user sees it.</summary>
/// <param name="Id">Session id.</param>
/// <param name="CreatedAt">Time of the login.</param>
/// <param name="LastUsedAt">Time of the last refresh.</param>
/// <param name="ExpiresAt">Absolute end.</param>
/// <param name="Current">Whether the request came with this session's token.</param>
/// <param name="UserAgent">As sent at login.</param>
/// <param name="Address">Client address at login.</param>
public sealed record SessionInfo(
    string Id,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUsedAt,
    DateTimeOffset ExpiresAt,
    bool Current,
    string? UserAgent = null,
    string? Address = null);

/// <summary>Sessions that were ended.</summary>
public sealed record SessionsRevokedResponse(IReadOnlyList<string> Revoked);
