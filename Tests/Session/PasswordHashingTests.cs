using System.Diagnostics.Metrics;
using Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Session;
using Session.Passwords;

namespace Tests.Session;

/// <summary>Passwords are checked by a slow hash, and never more at once than allowed.</summary>
public sealed class PasswordHashingTests : IDisposable
{
    private static readonly HashingLane Lane = new("t", default);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionTelemetry _telemetry;

    public PasswordHashingTests() => _telemetry = new SessionTelemetry(_services.GetRequiredService<IMeterFactory>());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _telemetry.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task PasswordIsKnownAgain_AndNoOther()
    {
        var hashing = Create(100_000);
        var hash = (await hashing.HashAsync("correct horse", Lane, Token)).Value;
        Assert.NotEqual(hash, (await hashing.HashAsync("correct horse", Lane, Token)).Value);
        Assert.Equal(PasswordVerdict.Right, (await hashing.CheckAsync(hash, "correct horse", Lane, Token)).Value);
        Assert.Equal(PasswordVerdict.Wrong, (await hashing.CheckAsync(hash, "Correct horse", Lane, Token)).Value);
        Assert.Equal(PasswordVerdict.Wrong, (await hashing.CheckAsync(hash: null, "correct horse", Lane, Token)).Value);

        var stronger = Create(110_000);
        Assert.Equal(PasswordVerdict.RightButOutdated, (await stronger.CheckAsync(hash, "correct horse", Lane, Token)).Value);
        Assert.Equal(PasswordVerdict.Wrong, (await stronger.CheckAsync(hash, "Correct horse", Lane, Token)).Value);
    }

    [Fact]
    public async Task OneMoreThanAllowed_IsRefusedAtOnce()
    {
        var hashing = Create(100_000, concurrent: 1, waiting: 1);
        var first = hashing.HashAsync("correct horse", Lane, Token);
        var second = hashing.HashAsync("correct horse", Lane, Token);
        var third = await hashing.HashAsync("correct horse", Lane, Token);
        Assert.Equal((503, ProblemTypes.Overloaded), (third.Problem!.Status, third.Problem.Type));
        Assert.NotNull(third.Problem.RetryAfter);
        Assert.True((await first).IsSuccess);
        Assert.True((await second).IsSuccess);

        // A caller that gives up leaves its place.
        using var impatient = new CancellationTokenSource();
        first = hashing.HashAsync("correct horse", Lane, Token);
        second = hashing.HashAsync("correct horse", Lane, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.True((await first).IsSuccess);
        Assert.True((await hashing.HashAsync("correct horse", Lane, Token)).IsSuccess);
    }

    private PasswordHashing Create(int iterations, int concurrent = 2, int waiting = 4) =>
        new(Options.Create(new PasswordOptions { Iterations = iterations, MaxConcurrent = concurrent, MaxWaiting = waiting }), _telemetry);
}
