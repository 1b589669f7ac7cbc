using System.Globalization;
using System.Security.Claims;

namespace ServiceDefaults.Identity;

/// <summary>Reads a principal that one of our two schemes made.</summary>
public static class ClaimsPrincipalExtensions
{
    /// <summary>The user.</summary>
    /// <exception cref="InvalidOperationException">The principal is no user: the endpoint lacks <see cref="Policies.User"/>.</exception>
    public static UserIdentity Identity(this ClaimsPrincipal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        return principal.TryGetIdentity()
            ?? throw new InvalidOperationException($"No user: the endpoint must require the policy '{Policies.User}'.");
    }

    /// <summary>The user, or null.</summary>
    public static UserIdentity? TryGetIdentity(this ClaimsPrincipal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        if (principal.FindFirst(ClaimNames.Tenant)?.Value is not { } tenant
            || principal.FindFirst(ClaimNames.User)?.Value is not { } user
            || principal.FindFirst(ClaimNames.Session)?.Value is not { } session)
        {
            return null;
        }

        var expires = long.TryParse(principal.FindFirst("exp")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.MaxValue;
        return new UserIdentity(
            tenant,
            user,
            session,
            principal.FindFirst(ClaimNames.Name)?.Value ?? user,
            principal.FindFirst(ClaimNames.Role)?.Value ?? "member")
        {
            ExpiresAt = expires,
        };
    }

    /// <summary>Name of the calling service, or null when no service calls.</summary>
    public static string? ServiceName(this ClaimsPrincipal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        return principal.Identities.FirstOrDefault(identity => identity.AuthenticationType == Schemes.Service)?.Name;
    }

    /// <summary>A service as a principal, for a ticket that somebody got on the strength of its key.</summary>
    /// <param name="name">Of the service.</param>
    /// <param name="claims">What else is to be known.</param>
    public static ClaimsPrincipal ServicePrincipal(string name, params IEnumerable<Claim> claims) =>
        new(new ClaimsIdentity([new Claim(ClaimsIdentity.DefaultNameClaimType, name), .. claims], Schemes.Service));
}
