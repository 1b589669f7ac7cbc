using System.Diagnostics.Metrics;
using System.Reflection;
using Contracts.Dbman;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ServiceDefaults.Health;

namespace ServiceDefaults.Telemetry;

/// <summary>OpenTelemetry for every service: /metrics always, OTLP where an endpoint is configured.</summary>
public static class TelemetryExtensions
{
    internal const string MetricsPath = "/metrics";

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// One line per request from each layer costs more than most requests, and one stack trace per failed attempt or probe buries what else
    /// happens in an outage. Spans and metrics say the same; when a circuit or a health check changes its state, that is logged here.
    /// </summary>
    private static readonly Dictionary<string, string?> LogLevels = new(StringComparer.Ordinal)
    {
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        ["Logging:LogLevel:Polly"] = "None",
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        ["Logging:LogLevel:Microsoft.Extensions.ServiceDiscovery"] = "Warning",
    };

    /// <summary>
    /// Collects the meters and activity sources of these names. A service's own name (<c>Dbman</c>, <c>Realtime</c>, ...) is always collected.
    /// </summary>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder builder, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(names))
            .WithTracing(tracing => tracing.AddSource(names));
        return builder;
    }

    internal static void AddDefaultTelemetry(this IHostApplicationBuilder builder)
    {
        var application = builder.Environment.ApplicationName;
        var exports = !string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpoint]);
        var telemetry = builder.Services.AddOpenTelemetry()
            // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which the environment sets, win over this.
            .ConfigureResource(resource =>
            {
                if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
                {
                    resource.AddService(application.ToLowerInvariant(), serviceVersion: Version());
                }
            })
            .WithMetrics(static metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Polly")
                .AddPrometheusExporter())
            .WithTracing(tracing =>
            {
                tracing
                    .AddAspNetCoreInstrumentation(static options => options.Filter = static context => !IsProbe(context.Request.Path) && !IsPoll(context.Request.Path))
                    .AddHttpClientInstrumentation(static options =>
                        options.FilterHttpRequestMessage = static request => !IsPoll(request.RequestUri?.AbsolutePath));
                if (!exports)
                {
                    // Nobody reads the spans: keep the ids, which logs and problem details carry, and save the rest.
                    tracing.SetSampler(new AlwaysOffSampler());
                }
            });
        builder.Services.ConfigureOpenTelemetryMeterProvider(static (services, metrics) =>
        {
            var own = services.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => Streams.Of(instrument, own));
        });
        builder.AddTelemetry(application, TelemetryNames.Meter);
        builder.AddDefaultLogging(exports);
        if (exports)
        {
            telemetry.UseOtlpExporter();
        }
    }

    /// <summary>Every process asks this several times a second: a trace of each would bury all others.</summary>
    private static bool IsPoll(string? path) => path == DbmanRoutes.RevokedSessions;

    internal static bool IsProbe(PathString path) => path.StartsWithSegments(HealthEndpoints.Prefix, StringComparison.Ordinal) || path.StartsWithSegments(MetricsPath, StringComparison.Ordinal);

    private static void AddDefaultLogging(this IHostApplicationBuilder builder, bool exports)
    {
        // Lowest in rank, so that any appsettings.json or variable overrides it.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = LogLevels });
        builder.Logging.Configure(static options =>
            options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (exports)
        {
            builder.Logging.AddOpenTelemetry(static options =>
            {
                options.IncludeFormattedMessage = true;
                options.IncludeScopes = true;
            });
        }

        // Somebody reads the console in Development, and a machine elsewhere. Logging:Console:FormatterName overrides both.
        if (string.IsNullOrEmpty(builder.Configuration["Logging:Console:FormatterName"]) && !builder.Environment.IsDevelopment())
        {
            builder.Logging.AddJsonConsole(static options =>
            {
                options.IncludeScopes = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
    }

    private static string? Version() =>
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
