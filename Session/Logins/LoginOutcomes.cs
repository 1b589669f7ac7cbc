namespace Session.Logins;

/// <summary>Values of the outcome tag of <c>session.logins</c>.</summary>
internal static class LoginOutcomes
{
    public const string Success = "success";
    public const string BadCredentials = "bad_credentials";

    /// <summary>The source is locked out of the name.</summary>
    public const string Locked = "locked";

    /// <summary>The address has failed too often, counting all names.</summary>
    public const string AddressHeld = "address_held";

    /// <summary>Too many attempts of one source on the name at once.</summary>
    public const string Crowded = "crowded";

    /// <summary>dbman, or the hashing, had no room.</summary>
    public const string Unavailable = "unavailable";
}
