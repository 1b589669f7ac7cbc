using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Asks an instance's health checks for as long as it runs. HTTP checks go to the instance's own port, so that each replica answers for itself.
/// Often until it was well once, because others wait for that; then at a pace that costs nothing.
/// </summary>
internal static class HealthMonitor
{
    private static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(1);

    public static IEnumerable<string> KeysOf(IResource resource) => resource.Annotations.OfType<HealthCheckAnnotation>().Select(h => h.Key);

    public static async Task RunAsync(
        EngineContext engine,
        IResource resource,
        string id,
        IReadOnlyDictionary<EndpointAnnotation, int> ports,
        Func<EventSnapshot> ready,
        CancellationToken cancellationToken)
    {
        var wasWell = false;
        try
        {
            while (true)
            {
                var reports = await ReportAsync(engine, resource, ports, cancellationToken);
                var isWell = reports.All(r => r.Status == HealthStatus.Healthy);
                wasWell |= isWell;
                await engine.Notifications.PublishUpdateAsync(resource, id, s => s.State?.Text != KnownResourceStates.Running ? s : s with
                {
                    HealthReports = reports,
                    ResourceReadyEvent = s.ResourceReadyEvent ?? (isWell ? ready() : null),
                });
                if (reports.IsEmpty)
                {
                    return;
                }

                await Task.Delay(wasWell ? Afterwards : WhileStarting, engine.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The instance ended.
        }
        catch (ObjectDisposedException)
        {
            // The application is being disposed: its container is gone before the instance is told to end, and with it the checks.
        }
    }

    private static async Task<ImmutableArray<HealthReportSnapshot>> ReportAsync(
        EngineContext engine, IResource resource, IReadOnlyDictionary<EndpointAnnotation, int> ports, CancellationToken cancellationToken)
    {
        var probes = resource.Annotations.OfType<HttpHealthProbe>().ToArray();
        var reports = await Task.WhenAll(KeysOf(resource).Select(async key =>
        {
            var (status, description, exception) = probes.FirstOrDefault(p => p.Key == key) is { } probe
                ? await ProbeAsync(probe, ports, cancellationToken)
                : await RegisteredAsync(engine, key, cancellationToken);
            return new HealthReportSnapshot(key, status, description, exception?.ToString()) { LastRunAt = engine.Time.GetUtcNow().UtcDateTime };
        }));
        return [.. reports];
    }

    private static async Task<(HealthStatus Status, string? Description, Exception? Exception)> ProbeAsync(
        HttpHealthProbe probe, IReadOnlyDictionary<EndpointAnnotation, int> ports, CancellationToken cancellationToken)
    {
        var (endpoint, port) = ports.First(p => ResourceNames.Same(p.Key.Name, probe.EndpointName));
        var uri = new Uri(new UriBuilder(endpoint.UriScheme, "localhost", port).Uri, probe.Path);
        var result = await HttpHealthCheck.ProbeAsync(uri, probe.StatusCode, cancellationToken);
        return (result.Status, result.Description, result.Exception);
    }

    private static async Task<(HealthStatus Status, string? Description, Exception? Exception)> RegisteredAsync(
        EngineContext engine, string key, CancellationToken cancellationToken)
    {
        var report = await engine.HealthChecks.CheckHealthAsync(r => r.Name == key, cancellationToken);
        return report.Entries.TryGetValue(key, out var entry)
            ? (entry.Status, entry.Description, entry.Exception)
            : (HealthStatus.Unhealthy, $"No health check is registered under the name '{key}'.", null);
    }
}
