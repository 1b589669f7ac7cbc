using System.ComponentModel.DataAnnotations;

namespace Session.Throttling;

/// <summary>How often one address may sign up, register, log in, refresh or change a password on this replica; configuration section <c>AddressLimit</c>.</summary>
internal sealed class AddressLimitOptions
{
    public const string Section = "AddressLimit";

    /// <summary>Calls that may come at once.</summary>
    /// <value>Default 200: an office behind one address starts its day; 1 to 1000000.</value>
    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 200;

    /// <summary>Calls per second in the long run.</summary>
    /// <value>Default 20; 0.01 to 100000.</value>
    [Range(0.01, 100_000)]
    public double PerSecond { get; set; } = 20;

    /// <summary>Addresses that are counted separately. Beyond that, new ones share one allowance.</summary>
    /// <value>Default 50000, about 6 MB; 1 to 10000000.</value>
    [Range(1, 10_000_000)]
    public int MaxAddresses { get; set; } = 50_000;
}
