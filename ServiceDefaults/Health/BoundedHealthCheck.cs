using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Health;

/// <summary>
/// Gives a check a deadline that holds even when the check ignores its token, and never runs a check twice at once:
/// a hung dependency would otherwise pile up one pending call per probe. Probes that overlap (an orchestrator's, a balancer's, a person's) share one run and its result.
/// </summary>
internal sealed class BoundedHealthCheck(
    IHealthCheck inner, BoundedHealthCheck.Slot slot, TimeSpan timeout, TimeProvider time, ILogger logger) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = await RunAsync(context, cancellationToken);
        if (slot.Changes(result.Status))
        {
            // The change, not every probe: an outage is one line and not thousands.
            if (result.Status == HealthStatus.Healthy)
            {
                logger.TurnedHealthy(context.Registration.Name);
            }
            else
            {
                logger.TurnedBad(context.Registration.Name, result.Status, result.Description);
            }
        }

        return result;
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var run = slot.Current;
        if (run is null || run.Check.IsCompleted)
        {
            run = new Run(StartAsync(context), time.GetTimestamp());
            slot.Current = run;
        }

        var left = timeout - time.GetElapsedTime(run.Started);
        if (left <= TimeSpan.Zero && !run.Check.IsCompleted)
        {
            return Failed(context, "the previous check is still running");
        }

        try
        {
            return await run.Check.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            run.Observe();
            throw;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            run.Observe();
            return Failed(context, $"no answer within {timeout.TotalMilliseconds:0} ms");
        }
        catch (Exception exception)
        {
            return Failed(context, exception.Message, exception);
        }
    }

    /// <summary>Ends by the deadline and not with the probe that began it: others may have joined it.</summary>
    private async Task<HealthCheckResult> StartAsync(HealthCheckContext context)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        return await inner.CheckHealthAsync(context, deadline.Token);
    }

    private static HealthCheckResult Failed(HealthCheckContext context, string reason, Exception? exception = null) =>
        new(context.Registration.FailureStatus, reason, exception);

    /// <summary>One run of a check.</summary>
    /// <param name="Check">Its result.</param>
    /// <param name="Started">Timestamp of the clock that checks are timed by.</param>
    internal sealed record Run(Task<HealthCheckResult> Check, long Started)
    {
        /// <summary>A late failure was already reported as a timeout; reading it keeps it from surfacing as unobserved.</summary>
        public void Observe() =>
            _ = Check.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>The run in flight of one registration; outlives the scope of a probe. Two probes that race may both start: harmless.</summary>
    internal sealed class Slot
    {
        private volatile Run? _current;
        private int _status = (int)HealthStatus.Healthy;

        /// <summary>The newest run, which may have ended.</summary>
        public Run? Current
        {
            get => _current;
            set => _current = value;
        }

        /// <summary>Whether this is another status than the last one. A check counts as healthy before its first run.</summary>
        public bool Changes(HealthStatus status) => Interlocked.Exchange(ref _status, (int)status) != (int)status;
    }
}
