namespace Session.Logins;

/// <summary>Values of the outcome tag of <c>session.logins</c>.</summary>
internal static class LoginOutcomes
{
    public const string Success = "success";
    public const string BadCredentials = "bad_credentials";

    /// <summary>The name is locked.</summary>
    public const string Locked = "locked";

    /// <summary>Too many attempts on the name at once.</summary>
    public const string Crowded = "crowded";

    /// <summary>dbman, or the hashing, had no room.</summary>
    public const string Unavailable = "unavailable";
}
