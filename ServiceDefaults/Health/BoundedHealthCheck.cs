using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Health;

/// <summary>
/// Gives a check a deadline that holds even when the check ignores its token, and never runs a check twice at once:
/// a hung dependency would otherwise pile up one pending call per probe.
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
        var running = slot.Running;
        if (running is { IsCompleted: false })
        {
            return Failed(context, "the previous check is still running");
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<HealthCheckResult> check;
        try
        {
            check = inner.CheckHealthAsync(context, deadline.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failed(context, exception.Message, exception);
        }

        slot.Running = check;
        try
        {
            return await check.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await deadline.CancelAsync();
            slot.Observe(check);
            return Failed(context, $"no answer within {timeout.TotalMilliseconds:0} ms");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            slot.Observe(check);
            throw;
        }
        catch (Exception exception)
        {
            return Failed(context, exception.Message, exception);
        }
    }

    private static HealthCheckResult Failed(HealthCheckContext context, string reason, Exception? exception = null) =>
        new(context.Registration.FailureStatus, reason, exception);

    /// <summary>The run in flight of one registration; outlives the scope of a probe. Two probes that race may both start: harmless.</summary>
    internal sealed class Slot
    {
        private volatile Task? _running;
        private int _status = (int)HealthStatus.Healthy;

        public Task? Running
        {
            get => _running;
            set => _running = value;
        }

        /// <summary>Whether this is another status than the last one. A check counts as healthy before its first run.</summary>
        public bool Changes(HealthStatus status) => Interlocked.Exchange(ref _status, (int)status) != (int)status;

        /// <summary>A late failure was already reported as a timeout; reading it keeps it from surfacing as unobserved.</summary>
        public void Observe(Task check) =>
            _ = check.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
