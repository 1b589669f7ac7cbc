namespace ServiceDefaults.Identity;

/// <summary>Authentication schemes; all read the Authorization header, which one applies is the policy's choice.</summary>
internal static class Schemes
{
    public const string User = "User";
    public const string Service = "Service";
    public const string Operator = "Operator";
}
