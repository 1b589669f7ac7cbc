using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Health;

namespace Tests.ServiceDefaults;

/// <summary>Concurrent probes of one check.</summary>
public sealed class BoundedHealthCheckTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private readonly FakeTimeProvider _time = new();
    private readonly SlowCheck _check = new();
    private readonly BoundedHealthCheck.Slot _slot = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ProbesThatOverlap_ShareOneRunAndItsResult()
    {
        var first = ProbeAsync();
        _time.Advance(Deadline / 2);
        var second = ProbeAsync();

        _check.Answer.SetResult(HealthCheckResult.Healthy());

        Assert.Equal(HealthStatus.Healthy, (await first).Status);
        Assert.Equal(HealthStatus.Healthy, (await second).Status);
        Assert.Equal(1, _check.Runs);
    }

    [Fact]
    public async Task ProbeThatJoinsLate_FailsByTheRunsDeadline_AndTheNextAtOnce()
    {
        var first = ProbeAsync();
        _time.Advance(Deadline - TimeSpan.FromMilliseconds(1));
        var second = ProbeAsync();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("no answer within 2000 ms", (await first).Description);
        Assert.Equal("no answer within 2000 ms", (await second).Description);
        Assert.True(_check.Token.IsCancellationRequested);
        Assert.Equal("the previous check is still running", (await ProbeAsync()).Description);
        Assert.Equal(1, _check.Runs);
    }

    [Fact]
    public async Task ProbeThatGoesAway_LeavesTheRunToThoseWhoJoinedIt()
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var first = ProbeAsync(leaving.Token);
        var second = ProbeAsync();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(_check.Token.IsCancellationRequested);
        _check.Answer.SetResult(HealthCheckResult.Degraded("slow"));

        Assert.Equal("slow", (await second).Description);
    }

    // Each probe creates the check again, as a scope of its own does; they share only the slot.
    private Task<HealthCheckResult> ProbeAsync(CancellationToken? token = null) =>
        new BoundedHealthCheck(_check, _slot, Deadline, _time, NullLogger.Instance).CheckHealthAsync(
            new HealthCheckContext { Registration = new HealthCheckRegistration("slow", _check, HealthStatus.Unhealthy, tags: null) }, token ?? Token);

    private sealed class SlowCheck : IHealthCheck
    {
        public TaskCompletionSource<HealthCheckResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Runs { get; private set; }

        public CancellationToken Token { get; private set; }

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            Runs++;
            Token = cancellationToken;
            return Answer.Task;
        }
    }
}
