using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Identity;

/// <summary>Who calls, as the access token says. An endpoint takes it as a parameter when its policy is <see cref="Policies.User"/>.</summary>
/// <param name="Tenant">Tenant id.</param>
/// <param name="User">User id, unique within the tenant.</param>
/// <param name="Session">Session id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Role">Role in the tenant: admin or member.</param>
public sealed record UserIdentity(string Tenant, string User, string Session, string Name, string Role)
{
    /// <summary>When the access token ends.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether the user administers the tenant.</summary>
    public bool IsAdmin => string.Equals(Role, "admin", StringComparison.Ordinal);

    /// <summary>Binds an endpoint's parameter.</summary>
    public static ValueTask<UserIdentity?> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult<UserIdentity?>(context.User.Identity());
    }
}
