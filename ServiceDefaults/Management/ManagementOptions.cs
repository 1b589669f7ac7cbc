using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Management;

/// <summary>Where health and metrics are; configuration section <c>Management</c>.</summary>
internal sealed class ManagementOptions
{
    internal const string Section = "Management";

    /// <summary>
    /// The port of health and metrics, which are then served on it only, and nothing else is. The server listens on it on every interface, in
    /// addition to its own addresses.
    /// </summary>
    /// <value>Default 0: they answer on the service's own addresses; up to 65535.</value>
    [Range(0, 65_535)]
    public int Port { get; set; }
}
