namespace ServiceDefaults.Identity;

/// <summary>Claims of a user's access token, besides the registered ones.</summary>
public static class ClaimNames
{
    /// <summary>User id.</summary>
    public const string User = "sub";

    /// <summary>Tenant id.</summary>
    public const string Tenant = "tid";

    /// <summary>Session id.</summary>
    public const string Session = "sid";

    /// <summary>Display name.</summary>
    public const string Name = "name";

    /// <summary>Role in the tenant: admin or member.</summary>
    public const string Role = "role";
}
