using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;
using ServiceDefaults.Drain;
using ServiceDefaults.Telemetry;

namespace Tests.ServiceDefaults;

public sealed class TelemetryTests
{
    [Fact(Timeout = 120_000)]
    public async Task CountsRequestsButNotProbes_AtMetrics()
    {
        await using var host = await ServiceHost.StartAsync(
            builder => builder.Services.Configure<PrometheusAspNetCoreOptions>(options => options.ScrapeResponseCacheDurationMilliseconds = 0),
            app => app.MapGet("/things/{id}", (string id) => id));
        await host.Client.GetStringAsync("/things/1", TestContext.Current.CancellationToken);
        await host.Client.GetStringAsync("/health/live", TestContext.Current.CancellationToken);
        await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        var metrics = "";
        while (!metrics.Contains("http_route=\"/things/{id}\"", StringComparison.Ordinal))
        {
            // A request is counted once it is over, which its caller may notice first.
            metrics = await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain("http_route=\"/health", metrics);
        Assert.DoesNotContain("http_route=\"/metrics", metrics);
        // Fine enough to tell 1 ms from 5 ms.
        Assert.Matches("""http_server_request_duration_seconds_bucket\{.*le="0.001"\}""", metrics);
        Assert.Contains("dotnet_gc_collections_total", metrics);
    }

    [Fact]
    public async Task CollectsTheServicesOwnMeter_WithBucketsByUnit()
    {
        var name = $"Own{Guid.NewGuid():N}";
        await using var host = await ServiceHost.StartAsync(builder => builder.AddTelemetry(name));
        var meter = host.Get<IMeterFactory>().Create(name);
        meter.CreateHistogram<double>("own.duration", "s").Record(0.003);
        meter.CreateHistogram<double>("own.milliseconds", "ms").Record(3);
        meter.CreateHistogram("own.size", unit: "By", description: null, tags: null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [7, 77] }).Record(8);
        var metrics = await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Matches("""own_duration_seconds_bucket\{[^}]*le="0.0025"\} 0""", metrics);
        Assert.Matches("""own_duration_seconds_bucket\{[^}]*le="0.005"\} 1""", metrics);
        Assert.Matches("""own_milliseconds_bucket\{[^}]*le="5"\} 1""", metrics);
        Assert.Matches("""own_size_bytes_bucket\{[^}]*le="77"\} 1""", metrics);
    }

    [Fact]
    public async Task AHostReportsWhatIsItsOwn_HoweverManyOthersItsProcessRuns()
    {
        var name = $"Own{Guid.NewGuid():N}";
        await using var host = await ServiceHost.StartAsync(builder => builder.AddTelemetry(name));
        await using var other = await ServiceHost.StartAsync(builder => builder.AddTelemetry(name));
        var others = other.Get<IMeterFactory>().Create(name);

        // More than the SDK has room for.
        for (var number = 0; number < 1_100; number++)
        {
            others.CreateCounter<long>($"others.{number}").Add(1);
        }

        host.Get<IMeterFactory>().Create(name).CreateCounter<long>("own.count").Add(1);
        var metrics = await host.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("own_count_total", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("others_", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MakesNoSpans_WhenNobodyReadsThem()
    {
        await using var host = await ServiceHost.StartAsync();
        Assert.NotNull(host.Get<TracerProvider>());
        using var span = new ActivitySource("Tests").StartActivity("work");

        Assert.False(span?.Recorded ?? false);
    }

    [Fact]
    public async Task NamesTheConfigurationPaths_WhenOptionsAreWrong()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceHost.StartAsync(
            settings: new() { ["Drain:Delay"] = "01:00:00", ["Drain:Timeout"] = "00:00:00" }));

        Assert.Equal(typeof(DrainOptions), exception.OptionsType);
        Assert.Contains("Drain:Delay", exception.Message);
        Assert.Contains("Drain:Timeout", exception.Message);
    }
}
