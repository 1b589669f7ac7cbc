namespace Session.Revocations;

/// <summary>Why sessions end, as it is stored with them and counted.</summary>
internal static class RevocationReasons
{
    /// <summary>The user logged out.</summary>
    public const string Logout = "logout";

    /// <summary>The user ended it from another session.</summary>
    public const string Revoked = "revoked";

    /// <summary>The user changed the password.</summary>
    public const string PasswordChanged = "password-changed";

    /// <summary>An admin set the user's password.</summary>
    public const string PasswordReset = "password-reset";

    /// <summary>An admin deactivated the user.</summary>
    public const string Deactivated = "deactivated";

    /// <summary>An admin made the user a member again.</summary>
    public const string Demoted = "demoted";

    /// <summary>The user was removed, by an admin or by itself.</summary>
    public const string Removed = "removed";

    /// <summary>A refresh token was used twice.</summary>
    public const string Reused = "refresh-token-reused";

    /// <summary>The user has too many sessions, and it was the oldest.</summary>
    public const string Displaced = "displaced";
}
