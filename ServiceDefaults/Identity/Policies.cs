namespace ServiceDefaults.Identity;

/// <summary>Names of authorization policies.</summary>
public static class Policies
{
    /// <summary>A valid access token of a user; see <see cref="ClaimsPrincipalExtensions.Identity"/>.</summary>
    public const string User = "user";

    /// <summary>A service's token, of one of the <see cref="AllowedCallers"/>; see <see cref="ClaimsPrincipalExtensions.ServiceName"/>.</summary>
    public const string Service = "service";

    /// <summary>A token of the operator's key or of realtime's own, or the access token of an admin of <see cref="OperatorOptions.Tenant"/>.</summary>
    public const string Operator = "operator";
}
