using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Tests.Clients;

/// <summary>A bare host with one client integration in it, whoever provides that.</summary>
internal static class ClientHost
{
    public static async Task<IHost> StartAsync(Action<HostApplicationBuilder> build, Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddMetrics();
        builder.Services.AddLogging();
        build(builder);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public static async Task<Dictionary<string, HealthStatus>> HealthAsync(this IHost host)
    {
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        return report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status, StringComparer.Ordinal);
    }
}

/// <summary>Every span of one source that belongs to the trace which this starts.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivitySource _own = new($"Tests.{Guid.NewGuid():N}");
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SpanRecorder(string source)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate.Name == source || candidate.Name == _own.Name,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        Parent = _own.StartActivity("parent") ?? throw new InvalidOperationException("Nobody listens to the parent.");
    }

    public Activity Parent { get; }

    public List<Activity> Children => [.. _ended.Where(span => span.ParentSpanId == Parent.SpanId && span.TraceId == Parent.TraceId)];

    public void Dispose()
    {
        Parent.Dispose();
        _listener.Dispose();
        _own.Dispose();
    }
}
