using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Dbman.Postgres;
using Microsoft.Extensions.Options;

namespace Dbman.Requests;

/// <summary>
/// Lets as many requests work on PostgreSQL as there are connections for them; the rest waits in a bounded queue for a bounded time. A turn ends when the
/// handler does: a caller that sends its body slowly, or reads its answer slowly, holds none. Heartbeats have a lane of their own, and wait only for each other.
/// </summary>
internal sealed class RequestGate : IDisposable
{
    /// <summary>Longest wait for a turn. Callers wait 2 s for an attempt by default, and abandon their turn when that ends.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly ConcurrencyLimiter _requests;
    private readonly ConcurrencyLimiter _heartbeats;
    private readonly Counter<long> _refused;
    private readonly TimeProvider _time;
    private long _refusedTotal;

    public RequestGate(IMeterFactory meters, IOptions<ConcurrencyOptions> options, TimeProvider time)
    {
        var bounds = options.Value;
        _time = time;
        _requests = Limiter(bounds.Requests, bounds.Queue);
        _heartbeats = Limiter(bounds.Heartbeats, bounds.Queue);
        var meter = meters.Create(DbmanMeter.Name);
        _refused = meter.CreateCounter<long>("dbman.requests.refused", "{request}", "Requests that got no turn, by reason.");
        meter.CreateObservableGauge("dbman.requests.waiting", () => Waiting, "{request}", "Requests that wait for a turn.");
        meter.CreateObservableGauge(
            "dbman.requests.active", () => Active(_requests, bounds.Requests) + Active(_heartbeats, bounds.Heartbeats), "{request}", "Requests that use PostgreSQL.");
    }

    /// <summary>Requests that wait for a turn.</summary>
    public long Waiting => WaitingFor(_requests) + WaitingFor(_heartbeats);

    /// <summary>Requests that got no turn since the process began.</summary>
    public long RefusedTotal => Interlocked.Read(ref _refusedTotal);

    /// <summary>A turn, or a lease that was not acquired.</summary>
    public ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken) => EnterAsync(_requests, cancellationToken);

    /// <summary>A turn for a heartbeat, or a lease that was not acquired.</summary>
    public ValueTask<RateLimitLease> EnterHeartbeatAsync(CancellationToken cancellationToken) => EnterAsync(_heartbeats, cancellationToken);

    public void Dispose()
    {
        _requests.Dispose();
        _heartbeats.Dispose();
    }

    private static ConcurrencyLimiter Limiter(int permits, int queue) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = permits,
        QueueLimit = queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private static long WaitingFor(ConcurrencyLimiter limiter) => limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    private static long Active(ConcurrencyLimiter limiter, int permits) => permits - (limiter.GetStatistics()?.CurrentAvailablePermits ?? 0);

    private async ValueTask<RateLimitLease> EnterAsync(ConcurrencyLimiter limiter, CancellationToken cancellationToken)
    {
        // Nearly always there is a free turn: no timer then.
        var lease = limiter.AttemptAcquire();
        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        using var late = new CancellationTokenSource(MaxWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            lease = await limiter.AcquireAsync(permitCount: 1, either.Token);
            if (!lease.IsAcquired)
            {
                Refused("full");
            }

            return lease;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Refused("late");
            return NoLease.Instance;
        }
    }

    private void Refused(string reason)
    {
        Interlocked.Increment(ref _refusedTotal);
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    private sealed class NoLease : RateLimitLease
    {
        public static readonly NoLease Instance = new();

        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
