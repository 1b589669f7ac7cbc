using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Limits;

/// <summary>
/// How often a user, the users of a tenant together, and callers from an address together may do something on this replica; configuration section <c>Rates:NAME</c>. Of each: what may come
/// at once after a pause, and what comes back a second. Each limit has its own defaults, set where it is added.
/// </summary>
public sealed class RateLimitOptions
{
    internal const string Section = "Rates";

    /// <summary>Calls of one user at once.</summary>
    /// <value>1 to 1000000000.</value>
    [Range(1, 1_000_000_000)]
    public int UserBurst { get; set; } = 1_000_000_000;

    /// <summary>Calls of one user a second.</summary>
    /// <value>0.0001 to 1000000000.</value>
    [Range(0.0001, 1_000_000_000)]
    public double UserPerSecond { get; set; } = 1_000_000_000;

    /// <summary>Calls of one tenant's users at once.</summary>
    /// <value>1 to 1000000000.</value>
    [Range(1, 1_000_000_000)]
    public int TenantBurst { get; set; } = 1_000_000_000;

    /// <summary>Calls of one tenant's users a second.</summary>
    /// <value>0.0001 to 1000000000.</value>
    [Range(0.0001, 1_000_000_000)]
    public double TenantPerSecond { get; set; } = 1_000_000_000;

    /// <summary>Calls from one address at once.</summary>
    /// <value>1 to 1000000000.</value>
    [Range(1, 1_000_000_000)]
    public int AddressBurst { get; set; } = 1_000_000_000;

    /// <summary>Calls from one address a second.</summary>
    /// <value>0.0001 to 1000000000.</value>
    [Range(0.0001, 1_000_000_000)]
    public double AddressPerSecond { get; set; } = 1_000_000_000;
}
