using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Limits;

/// <summary>One bound of requests that run at once. First come, first served; the wait is bounded in number and time.</summary>
internal sealed class ConcurrencyLimit : IAsyncDisposable
{
    private readonly ConcurrencyLimiter _limiter;
    private readonly ConcurrencyLimitOptions _options;
    private readonly LimitsTelemetry _telemetry;
    private readonly TimeProvider _time;
    private int _running;

    public ConcurrencyLimit(string name, ConcurrencyLimitOptions options, LimitsTelemetry telemetry, TimeProvider time)
    {
        Name = name;
        _options = options;
        _telemetry = telemetry;
        _time = time;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = options.Permits,
            QueueLimit = options.Queue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    public string Name { get; }

    public int Running => Volatile.Read(ref _running);

    public long Waiting => _limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var lease = _limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            lease = await WaitAsync(context.RequestAborted);
        }

        using (lease)
        {
            if (!lease.IsAcquired)
            {
                await Problems.Overloaded("This replica is at its limit of concurrent requests.", _options.RetryAfter).ExecuteAsync(context);
                return;
            }

            Interlocked.Increment(ref _running);
            try
            {
                await next(context);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    private async ValueTask<RateLimitLease> WaitAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var place = _limiter.AcquireAsync(permitCount: 1, abandon.Token);

        // Disposed of asynchronously, because that waits for a callback that runs: it must not meet a source that is gone.
        await using var timer = _time.CreateTimer(
            static source => ((CancellationTokenSource)source!).Cancel(), abandon, _options.QueueTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            var lease = await place;
            _telemetry.Waited(Name, _time.GetElapsedTime(started));
            if (!lease.IsAcquired)
            {
                _telemetry.Refused(Name, "queue_full");
            }

            return lease;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _telemetry.Waited(Name, _time.GetElapsedTime(started));
            _telemetry.Refused(Name, "queue_timeout");
            return NoLease.Instance;
        }
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
