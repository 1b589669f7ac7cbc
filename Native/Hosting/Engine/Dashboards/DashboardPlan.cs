using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>
/// Where the dashboard of this run is and with which keys its parts speak to each other. Addresses are configured by the variables that the real
/// one reads, most of all by the AppHost's launch profile; one without a port, or with the port 0, gets a free one. Read once, when the
/// application has been built: an AppHost may set its configuration until then.
/// </summary>
internal sealed class DashboardPlan(IConfiguration configuration)
{
    private readonly Lazy<Addresses?> _addresses = new(() => Read(configuration));

    /// <summary>Null when the launch profile gives the AppHost no address: then there is no dashboard.</summary>
    public Uri? Frontend => _addresses.Value?.Frontend;

    public Uri OtlpGrpc => Required.OtlpGrpc;

    public Uri OtlpHttp => Required.OtlpHttp;

    public Uri EngineService => Required.EngineService;

    /// <summary>What services show when they send telemetry.</summary>
    public string OtlpKey { get; } = configuration["AppHost:OtlpApiKey"] is { Length: > 0 } given ? given : NewKey();

    /// <summary>What the dashboard shows when it asks the engine.</summary>
    public string EngineKey { get; } = configuration["AppHost:ResourceService:ApiKey"] is { Length: > 0 } given ? given : NewKey();

    /// <summary>A token that a person has chosen: good as often as it is shown, where the engine's own are good once.</summary>
    public string? ChosenToken { get; } = configuration["AppHost:BrowserToken"] is { Length: > 0 } given ? given : null;

    private Addresses Required => _addresses.Value ?? throw new InvalidOperationException("There is no dashboard.");

    public static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static Addresses? Read(IConfiguration configuration) =>
        (configuration["ASPNETCORE_URLS"] ?? string.Empty).Split(';').FirstOrDefault(u => u.StartsWith("http://", StringComparison.Ordinal)) is not { } frontend
            ? null
            : new Addresses(
                OnThisMachine(frontend, "ASPNETCORE_URLS"),
                Of(configuration, "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"),
                Of(configuration, "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"),
                Of(configuration, "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"));

    private static Uri Of(IConfiguration configuration, string name) =>
        OnThisMachine(configuration[name] is { Length: > 0 } value ? value : "http://localhost:0", name);

    private static Uri OnThisMachine(string value, string name)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address is not { Scheme: "http", IsLoopback: true })
        {
            throw new DistributedApplicationException(
                $"{name} is '{value}', but this engine's dashboard is on this machine only and without TLS, as in http://localhost:15000.");
        }

        // Uri takes a missing port for the scheme's own, which nobody without privileges can listen on.
        return address.Port is 0 or 80 ? new UriBuilder(address) { Port = Ports.Allocate() }.Uri : address;
    }

    private sealed record Addresses(Uri Frontend, Uri OtlpGrpc, Uri OtlpHttp, Uri EngineService);
}
