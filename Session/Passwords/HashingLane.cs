using Session.Throttling;

namespace Session.Passwords;

/// <summary>For whom a password is hashed: who shares a lane waits in one line.</summary>
/// <param name="Tenant">The tenant; empty for callers without one, who all share one tenant's part.</param>
/// <param name="Address">Where the call comes from.</param>
internal readonly record struct HashingLane(string Tenant, AddressKey Address)
{
    public static HashingLane Of(string tenant, HttpContext context) => new(tenant, AddressKey.Of(context));

    /// <summary>A tenant that does not exist, or not yet, has no share of its own: there are endlessly many of them.</summary>
    public static HashingLane WithoutTenant(HttpContext context) => new("", AddressKey.Of(context));
}
