using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ServiceDefaults.Management;

namespace ServiceDefaults.Health;

/// <summary>The three probes. They are open, never cached, and kept out of request metrics.</summary>
internal static class HealthEndpoints
{
    internal const string Prefix = "/health";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/live", static check => check.Tags.Contains(HealthTags.Live));
        Map(routes, "/ready", static check => check.Tags.Contains(HealthTags.Ready) || IsUntagged(check));
        Map(routes, "/startup", static check => check.Tags.Contains(HealthTags.Startup));
    }

    private static void Map(IEndpointRouteBuilder routes, string path, Func<HealthCheckRegistration, bool> predicate) =>
        routes.MapHealthChecks(Prefix + path, new HealthCheckOptions
        {
            Predicate = predicate,
            ResponseWriter = WriteAsync,
            AllowCachingResponses = false,
        })
        .ForManagement()
        .AllowAnonymous()
        .DisableHttpMetrics()
        .DisableRequestTimeout();

    private static bool IsUntagged(HealthCheckRegistration check) =>
        !check.Tags.Contains(HealthTags.Live) && !check.Tags.Contains(HealthTags.Startup);

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var service = context.RequestServices.GetRequiredService<IHostEnvironment>().ApplicationName;
        var checks = new SortedDictionary<string, HealthCheckBody>(StringComparer.Ordinal);
        foreach (var (name, entry) in report.Entries)
        {
            checks[name] = new HealthCheckBody(Name(entry.Status), entry.Description ?? entry.Exception?.Message, Round(entry.Duration));
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        var body = new HealthBody(Name(report.Status), service, Round(report.TotalDuration), checks);
        return JsonSerializer.SerializeAsync(context.Response.Body, body, ServiceDefaultsJson.Default.HealthBody, context.RequestAborted);
    }

    private static double Round(TimeSpan duration) => Math.Round(duration.TotalMilliseconds, 1);

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
