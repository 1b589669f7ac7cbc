using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Tests.Native.Dashboards.Telemetry;

/// <summary>What the real SDK sends, over both protocols, is what the stores hold.</summary>
public sealed class OtlpReceptionTests
{
    private static readonly ResourceBuilder Sender = ResourceBuilder.CreateEmpty().AddService("chat", serviceInstanceId: "chat-7f3a");

    public static TheoryData<OtlpExportProtocol> Protocols => new(
        OtlpExportProtocol.Grpc,
        OtlpExportProtocol.HttpProtobuf);

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task LogEntryArrives_WithAttributesExceptionAndTrace(OtlpExportProtocol protocol)
    {
        await using var host = await ReceptionHost.StartAsync(protocol);
        using var activity = new Activity("work").SetIdFormat(ActivityIdFormat.W3C).Start();
        using (var factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(Sender);
            options.AddOtlpExporter(otlp => host.Configure(otlp, "logs"));
        })))
        {
            factory.CreateLogger("Chat.Rooms").LogError(new InvalidOperationException("full"), "room {Room} refused {User}", "lobby", "Ann");
        }

        var entry = Assert.Single(host.Logs.Read().From(0));
        Assert.Equal("room lobby refused Ann", entry.Message);
        Assert.Equal(LogSeverity.Error, entry.Severity);
        Assert.Equal("Chat.Rooms", entry.Category);
        Assert.Equal("lobby", entry.Attributes.ValueOf("Room"));
        Assert.Equal("full", entry.Attributes.ValueOf("exception.message"));
        Assert.True(entry.HasException);
        Assert.Equal(activity.TraceId.ToHexString(), entry.TraceId.ToString());
        Assert.Equal(activity.SpanId.ToHexString(), entry.SpanId.ToString());
        Assert.Equal("chat-7f3a", entry.Resource.DisplayName);
        Assert.InRange(Instant.Time(entry.Time), DateTimeOffset.UnixEpoch.AddYears(50), TimeProvider.System.GetUtcNow());
        Assert.Equal(1, host.Counts.Logs);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task SpanArrives_WithParentEventsAndStatus(OtlpExportProtocol protocol)
    {
        await using var host = await ReceptionHost.StartAsync(protocol);
        var source = new ActivitySource($"Chat.{protocol}");
        ActivityContext parent;
        using (Sdk.CreateTracerProviderBuilder()
            .AddSource(source.Name)
            .SetResourceBuilder(Sender)
            .AddOtlpExporter(otlp => host.Configure(otlp, "traces"))
            .Build())
        {
            using var post = source.StartActivity("POST", ActivityKind.Server, parentContext: default)!;
            parent = post.Context;
            using var call = source.StartActivity("append", ActivityKind.Client)!;
            call.SetTag("db.system.name", "postgresql");
            call.AddEvent(new ActivityEvent("sent"));
            call.SetStatus(ActivityStatusCode.Error, "closed");
        }

        var spans = host.Traces.Find(TraceKey.Parse(parent.TraceId.ToHexString()));
        Assert.Equal(2, spans.Length);
        var child = Assert.Single(spans, s => s.Name == "append");
        Assert.Equal(parent.SpanId.ToHexString(), child.ParentId.ToString());
        Assert.Equal(global::Dashboard.Telemetry.Traces.SpanKind.Client, child.Kind);
        Assert.True(child.IsError);
        Assert.Equal("closed", child.StatusMessage);
        Assert.Equal("sent", Assert.Single(child.Events).Name);
        Assert.True(child.Duration > 0);
        var summary = Assert.Single(host.Traces.List());
        Assert.Equal(("POST", 2, 1), (summary.Name, summary.Spans, summary.Errors));
        Assert.Equal(["chat", "postgresql"], summary.Parts.Select(p => p.Name));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task MetricsArrive_OfEveryKind_WithExemplars(OtlpExportProtocol protocol)
    {
        await using var host = await ReceptionHost.StartAsync(protocol);
        using var meter = new Meter($"Meter.{protocol}");
        using var activity = new Activity("work").SetIdFormat(ActivityIdFormat.W3C);
        activity.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        activity.Start();
        using (var provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(meter.Name)
            .SetResourceBuilder(Sender)
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddView("sizes", new Base2ExponentialBucketHistogramConfiguration())
            .AddOtlpExporter((otlp, reader) =>
            {
                host.Configure(otlp, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = int.MaxValue;
            })
            .Build())
        {
            meter.CreateCounter<long>("posts").Add(3, new KeyValuePair<string, object?>("b", 2), new KeyValuePair<string, object?>("a", "x"));
            meter.CreateUpDownCounter<int>("open").Add(-2);
            meter.CreateObservableGauge("load", () => 0.25);
            var seconds = meter.CreateHistogram<double>("seconds", "s", "how long", advice: new() { HistogramBucketBoundaries = [0.1, 1, 10] });
            seconds.Record(0.5);
            seconds.Record(0.6);
            meter.CreateHistogram<double>("sizes").Record(1_000);
            provider.ForceFlush();
        }

        var byName = host.Metrics.Instruments().ToDictionary(i => i.Key.Name);
        Assert.Equal(["load", "open", "posts", "seconds", "sizes"], byName.Keys.Order());
        var posts = Assert.Single(byName["posts"].Read(_ => true));
        Assert.Equal(InstrumentKind.Counter, byName["posts"].Key.Kind);
        Assert.Equal([new Tag("a", "x"), new Tag("b", "2")], posts.Dimensions);
        Assert.Equal(3, posts.Numbers[^1]);
        Assert.Equal(-2, Assert.Single(byName["open"].Read(_ => true)).Numbers[^1]);
        Assert.Equal(0.25, Assert.Single(byName["load"].Read(_ => true)).Numbers[^1]);
        var times = Assert.Single(byName["seconds"].Read(_ => true)).Distributions[^1];
        Assert.Equal(2, times.Count);
        Assert.InRange(times.Quantile(0.5)!.Value, 0.1, 1);
        Assert.Equal("s", byName["seconds"].Unit);
        Assert.Equal("how long", byName["seconds"].Description);
        Assert.InRange(Assert.Single(byName["sizes"].Read(_ => true)).Distributions[^1].Quantile(0.5)!.Value, 950, 1_050);
        Assert.Contains(byName["seconds"].Exemplars(_ => true), e => e.Exemplar.TraceId.ToString() == activity.TraceId.ToHexString() && e.Exemplar.Value == 0.6);
    }
}
