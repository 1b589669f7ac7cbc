using System.Globalization;
using System.Security.Claims;
using ServiceDefaults.Identity;

namespace Layouts.Console.Access;

/// <summary>Who an operator is, as the console's cookie says. It is protected, so that its claims are those that were checked at sign-in.</summary>
internal static class ConsoleTicket
{
    /// <summary>Authentication scheme.</summary>
    public const string Scheme = "Console";

    /// <summary>Authorization policy: operators, by the cookie.</summary>
    public const string Policy = "console";

    public const string Cookie = "realtime-console";

    private const string By = "by";
    private const string Expires = "exp";

    /// <summary>An admin of the operators' tenant.</summary>
    public static ClaimsPrincipal Of(UserIdentity user, DateTimeOffset expires) => new(new ClaimsIdentity(
        [
            new Claim(ClaimNames.Tenant, user.Tenant),
            new Claim(ClaimNames.User, user.User),
            new Claim(ClaimNames.Session, user.Session),
            new Claim(ClaimNames.Name, user.Name),
            new Claim(ClaimNames.Role, user.Role),
            new Claim(Expires, Seconds(expires)),
        ],
        Scheme));

    /// <summary>A link's holder, who got it on the strength of the operator's key or realtime's.</summary>
    public static ClaimsPrincipal Of(string service, string by, DateTimeOffset expires) =>
        ClaimsPrincipalExtensions.ServicePrincipal(service, new Claim(By, by), new Claim(Expires, Seconds(expires)));

    /// <summary>What is recorded with everything that the operator does.</summary>
    public static string ByOf(ClaimsPrincipal user) =>
        user.TryGetIdentity() is { } identity ? $"{identity.Tenant}/{identity.User}" : user.FindFirst(By)?.Value ?? user.ServiceName() ?? "unknown";

    /// <summary>For people.</summary>
    public static string NameOf(ClaimsPrincipal user) => user.TryGetIdentity()?.Name ?? ByOf(user);

    public static DateTimeOffset ExpiresOf(ClaimsPrincipal user) =>
        long.TryParse(user.FindFirst(Expires)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.MinValue;

    private static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
