using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace Aspire.StackExchange.Redis;

/// <summary>
/// Spans for Redis commands, made from StackExchange.Redis' profiler. The client asks for a profiling session per command; commands
/// that run under a recorded span share one session per span. Their timings are known only afterwards, so a loop collects the
/// finished ones and writes them as spans of the past. Commands outside any recorded span cost one look at Activity.Current.
/// </summary>
internal sealed class RedisTracing(TimeProvider time, ILogger<RedisTracing> logger) : BackgroundService
{
    internal const string SourceName = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    /// <summary>How late a span may be: exporters batch for longer.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Parents that are followed at a time. A span more than this is left out; following without end would be a leak.</summary>
    private const int MaxParents = 10_000;

    private static readonly ActivitySource Source = new(SourceName);

    // Added to by every thread that sends a command, walked and removed from by the one loop.
    private readonly ConcurrentDictionary<ActivitySpanId, Parent> _parents = new();

    /// <summary>Follows the commands of a connection.</summary>
    public void Follow(IConnectionMultiplexer connection) => connection.RegisterProfiler(SessionOfCurrent);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                TryCollect();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The last commands of a service that drains are written too.
            TryCollect();
        }
    }

    /// <summary>Whoever listens to spans may throw; that must not end a service.</summary>
    private void TryCollect()
    {
        try
        {
            Collect();
        }
        catch (Exception exception)
        {
            logger.SpansLost(exception);
        }
    }

    private void Collect()
    {
        foreach (var (id, parent) in _parents)
        {
            // Read before the session is emptied: a command may still be on its way when its parent ends, so an ended parent gets one more round.
            var ended = parent.Activity.IsStopped;
            foreach (var command in parent.Session.FinishProfiling())
            {
                Write(parent.Activity.Context, command);
            }

            if (ended && parent.SeenEnded)
            {
                _parents.TryRemove(id, out _);
            }

            parent.SeenEnded = ended;
        }
    }

    private ProfilingSession? SessionOfCurrent()
    {
        if (Activity.Current is not { Recorded: true } current || !Source.HasListeners())
        {
            return null;
        }

        if (_parents.TryGetValue(current.SpanId, out var parent))
        {
            return parent.Session;
        }

        return _parents.Count >= MaxParents ? null : _parents.GetOrAdd(current.SpanId, static (_, activity) => new Parent(activity), current).Session;
    }

    private static void Write(ActivityContext parent, IProfiledCommand command)
    {
        var created = new DateTimeOffset(DateTime.SpecifyKind(command.CommandCreated, DateTimeKind.Utc));
        using var span = Source.StartActivity(command.Command, ActivityKind.Client, parent, startTime: created);
        if (span is null)
        {
            return;
        }

        span.SetEndTime(created.UtcDateTime + command.ElapsedTime);
        if (!span.IsAllDataRequested)
        {
            return;
        }

        span.SetTag("db.system.name", "redis");
        span.SetTag("db.operation.name", command.Command);
        span.SetTag("db.namespace", command.Db.ToString(CultureInfo.InvariantCulture));
        switch (command.EndPoint)
        {
            case IPEndPoint ip:
                span.SetTag("server.address", ip.Address.ToString());
                span.SetTag("server.port", ip.Port);
                break;
            case DnsEndPoint dns:
                span.SetTag("server.address", dns.Host);
                span.SetTag("server.port", dns.Port);
                break;
        }

        if (command.RetransmissionReason is { } reason)
        {
            span.SetTag("redis.retransmission", reason.ToString());
        }

        var sent = created + command.CreationToEnqueued + command.EnqueuedToSending;
        span.AddEvent(new ActivityEvent("sent", sent));
        span.AddEvent(new ActivityEvent("response", sent + command.SentToResponse));
    }

    /// <summary>A span under which commands run.</summary>
    private sealed class Parent(Activity activity)
    {
        public Activity Activity { get; } = activity;

        public ProfilingSession Session { get; } = new();

        /// <summary>Touched by the loop alone.</summary>
        public bool SeenEnded { get; set; }
    }
}
