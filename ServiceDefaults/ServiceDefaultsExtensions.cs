using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using ServiceDefaults.Drain;
using ServiceDefaults.Errors;
using ServiceDefaults.Health;
using ServiceDefaults.Limits;
using ServiceDefaults.Management;
using ServiceDefaults.Origins;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults;

/// <summary>What every service calls first and last: shared health, telemetry, resilience, problem details, identity and drain.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Registers the shared defaults. Call it first.</summary>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddHealth();
        builder.AddDefaultTelemetry();
        builder.AddErrorHandling();
        builder.AddOrigins();
        builder.AddLimits();
        builder.AddDrain();
        builder.AddManagement();
        builder.Services.AddServiceDiscovery();
        builder.Services.Configure<JsonOptions>(static options =>
            options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull);
        return builder;
    }

    /// <summary>Maps health and metrics, and adds the middleware that belongs close to the endpoints. Call it once, in any order with your own routes.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        // Once more, within the page that the framework shows in Development: so that failures look the same everywhere.
        app.UseErrorHandling();
        app.UseLimits();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint(TelemetryExtensions.MetricsPath).ForManagement().AllowAnonymous().DisableHttpMetrics().DisableRequestTimeout();
        return app;
    }
}
