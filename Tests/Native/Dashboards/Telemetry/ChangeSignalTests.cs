using Dashboard.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Native.Dashboards.Telemetry;

public sealed class ChangeSignalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReaderIsWoken_OncePerPauseHoweverMuchChanges()
    {
        var time = new FakeTimeProvider();
        var signal = new ChangeSignal(time);
        await using var watch = signal.WatchAsync(TimeSpan.FromSeconds(1), Token).GetAsyncEnumerator(Token);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(0, watch.Current);

        var next = watch.MoveNextAsync().AsTask();
        for (var i = 0; i < 1_000; i++)
        {
            signal.Notify();
        }

        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await next);
        Assert.Equal(1_000, watch.Current);

        next = watch.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(next.IsCompleted);
        signal.Notify();
        Assert.True(await next);
        Assert.Equal(1_001, watch.Current);
    }

    [Fact]
    public async Task ReaderThatLeaves_IsForgotten()
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var time = new FakeTimeProvider();
        var signal = new ChangeSignal(time);
        await using var watch = signal.WatchAsync(TimeSpan.FromSeconds(1), leaving.Token).GetAsyncEnumerator(leaving.Token);
        await watch.MoveNextAsync();
        var next = watch.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(1));

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        signal.Notify();
    }
}
