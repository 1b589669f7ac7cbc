using System.Net;
using Dashboard;
using Dashboard.Otlp;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace Tests.Native.Dashboards.Telemetry;

/// <summary>The dashboard's reception of telemetry, on a port of its own, without its pages.</summary>
internal sealed class ReceptionHost : IAsyncDisposable
{
    public const string Key = "the-key-of-this-run";

    private readonly WebApplication _app;

    private ReceptionHost(WebApplication app, OtlpExportProtocol protocol)
    {
        _app = app;
        Protocol = protocol;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public Uri Address { get; }

    public OtlpExportProtocol Protocol { get; }

    public LogStore Logs => Get<LogStore>();

    public TraceStore Traces => Get<TraceStore>();

    public MetricStore Metrics => Get<MetricStore>();

    public IntakeCounts Counts => Get<IntakeCounts>();

    public static async Task<ReceptionHost> StartAsync(OtlpExportProtocol protocol, Dictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Dashboard:OtlpKey"] = Key,
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddOptions<DashboardOptions>().BindConfiguration("Dashboard");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddTelemetryReception();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.Protocols = protocol == OtlpExportProtocol.Grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        app.UseRouting();
        app.UseTelemetryReception();
        app.MapTelemetryReception();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ReceptionHost(app, protocol);
    }

    /// <summary>Points an exporter here.</summary>
    public void Configure(OtlpExporterOptions options, string signal, string? key = Key)
    {
        options.Protocol = Protocol;
        options.Endpoint = Protocol == OtlpExportProtocol.Grpc ? Address : new Uri(Address, $"/v1/{signal}");
        options.ExportProcessorType = ExportProcessorType.Simple;
        options.Headers = key is null ? string.Empty : $"{OtlpGate.KeyHeader}={key}";
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
