using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Management;

/// <summary>Where health and metrics are; configuration section <c>Management</c>.</summary>
internal sealed class ManagementOptions
{
    internal const string Section = "Management";

    /// <summary>The port of health and metrics, which then answer there alone, and nothing else does. The server listens on it beside its own addresses, on every interface.</summary>
    /// <value>Default 0: they answer on the service's own addresses; up to 65535.</value>
    [Range(0, 65_535)]
    public int Port { get; set; }
}
