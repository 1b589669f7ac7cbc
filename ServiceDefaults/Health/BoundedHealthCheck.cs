using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Health;

/// <summary>
/// Gives a check a deadline that holds even when the check ignores its token, and never runs a check twice at once:
/// a hung dependency would otherwise pile up one pending call per probe.
/// </summary>
internal sealed class BoundedHealthCheck(IHealthCheck inner, BoundedHealthCheck.Slot slot, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
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

        public Task? Running
        {
            get => _running;
            set => _running = value;
        }

        /// <summary>A late failure was already reported as a timeout; reading it keeps it from surfacing as unobserved.</summary>
        public void Observe(Task check) =>
            _ = check.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
