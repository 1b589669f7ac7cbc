using System.ComponentModel.DataAnnotations;

namespace Dashboard.Otlp;

/// <summary>How much telemetry may come at a time. Who may send it is said by <see cref="DashboardOptions.OtlpKey"/>.</summary>
internal sealed class OtlpOptions
{
    public const string Section = "Dashboard:Otlp";

    /// <summary>The largest body, after decompression.</summary>
    /// <value>The default is 16 MiB; from 64 KiB to 256 MiB.</value>
    [Range(1 << 16, 1 << 28)]
    public int MaxRequestBytes { get; set; } = 16 << 20;

    /// <summary>Bodies that are read at a time; further senders are told to come again.</summary>
    /// <value>The default is 64; from 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int MaxConcurrentRequests { get; set; } = 64;
}
