using System.IO.Compression;
using Dashboard.Listening;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;
using Grpc.Net.Compression;
using Microsoft.Extensions.Options;

namespace Dashboard.Otlp;

/// <summary>Reception of telemetry and its stores.</summary>
internal static class OtlpExtensions
{
    public static WebApplicationBuilder AddTelemetryReception(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<OtlpOptions>().BindConfiguration(OtlpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ResourceTable>();
        services.AddSingleton<LogStore>();
        services.AddSingleton<TraceStore>();
        services.AddSingleton<MetricStore>();
        services.AddSingleton<MetricReader>();
        services.AddSingleton<Palette>();
        services.AddSingleton<IntakeCounts>();
        services.AddSingleton<Decoder>();
        services.AddSingleton<LogIntake>();
        services.AddSingleton<TraceIntake>();
        services.AddSingleton<MetricIntake>();
        services.AddSingleton<OtlpGate>();
        services.AddGrpc().Services.AddOptions<Grpc.AspNetCore.Server.GrpcServiceOptions>().Configure<IOptions<OtlpOptions>>(static (grpc, otlp) =>
        {
            grpc.MaxReceiveMessageSize = otlp.Value.MaxRequestBytes;
            grpc.CompressionProviders.Add(new GzipCompressionProvider(CompressionLevel.Fastest));
        });
        return builder;
    }

    /// <summary>Asks senders for the key. Stands behind routing.</summary>
    public static IApplicationBuilder UseTelemetryReception(this IApplicationBuilder app) => app.UseMiddleware<OtlpGate>();

    public static void MapTelemetryReception(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<LogsGrpcService>().ForSenders(Listener.OtlpGrpc);
        routes.MapGrpcService<TraceGrpcService>().ForSenders(Listener.OtlpGrpc);
        routes.MapGrpcService<MetricsGrpcService>().ForSenders(Listener.OtlpGrpc);
        routes.MapOtlpHttp();
    }

    /// <summary>Senders have the key instead of a person's session.</summary>
    public static TBuilder ForSenders<TBuilder>(this TBuilder builder, Listener listener)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireListener(listener).AllowAnonymous().WithMetadata(OtlpEndpoint.Instance);
}
