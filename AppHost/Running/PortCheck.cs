using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Configuration;

namespace AppHost.Running;

/// <summary>Looks before the start whether the ports that people type are free: the orchestrator would wait for a taken one without a word.</summary>
internal static class PortCheck
{
    private static readonly string[] Dashboard = ["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"];

    /// <exception cref="DistributedApplicationException">Somebody listens on one of them.</exception>
    public static void EnsurePortsAreFree(this IDistributedApplicationBuilder builder)
    {
        // Tests run in parallel with other hosts, on ports of their own.
        if (!builder.ExecutionContext.IsRunMode || builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
        {
            return;
        }

        var wanted = builder.Resources
            .SelectMany(static resource => resource.Annotations.OfType<EndpointAnnotation>().Where(static endpoint => endpoint.IsProxied && endpoint.Port is not null)
                .Select(endpoint => (Port: endpoint.Port!.Value, Name: resource.Name)))
            .Concat(Dashboard.SelectMany(name => (builder.Configuration[name] ?? string.Empty).Split(';'))
                .Where(static url => Uri.TryCreate(url, UriKind.Absolute, out _)).Select(static url => (new Uri(url).Port, Name: "the dashboard")));
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Where(static listener => IPAddress.IsLoopback(listener.Address) || listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any))
            .Select(static listener => listener.Port).ToHashSet();
        var clashes = wanted.Where(port => taken.Contains(port.Port)).Distinct().OrderBy(static port => port.Port).ToArray();
        if (clashes.Length > 0)
        {
            throw new DistributedApplicationException(
                $"In use: {string.Join(", ", clashes.Select(static clash => $"port {clash.Port} ({clash.Name})"))}. "
                + "Perhaps this system already runs. Stop what listens there, or change the ports in Properties/launchSettings.json of the project.");
        }
    }
}
