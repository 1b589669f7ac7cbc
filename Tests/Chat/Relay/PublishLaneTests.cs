using System.Threading.Channels;
using Chat.Relay;
using Contracts;
using Contracts.Results;
using Tests.Infrastructure;

namespace Tests.Chat.Relay;

/// <summary>A bounded queue that is published in batches.</summary>
public sealed class PublishLaneTests
{
    private static readonly ServiceProblem Away = new(503, ProblemTypes.BrokerUnavailable, "Away");
    private readonly ObservedTime _time = new();
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NextBatchGathers_WhileACallIsInFlight()
    {
        var lane = Lane();
        var running = lane.RunAsync(Token);
        Assert.True(lane.TryEnqueue(1));
        var first = await Eventually.NextAsync(_calls.Reader, "call", Token);
        Assert.Equal([1], first.Batch);

        foreach (var item in new[] { 2, 3, 4 })
        {
            Assert.True(lane.TryEnqueue(item));
        }

        Assert.False(_calls.Reader.TryRead(out _));
        first.Answer.SetResult(null);
        var second = await Eventually.NextAsync(_calls.Reader, "call", Token);
        Assert.Equal([2, 3, 4], second.Batch);
        second.Answer.SetResult(null);
        lane.Complete();
        await running;
        Assert.Equal(["published 1", "published 2,3,4"], Events());
    }

    [Fact]
    public async Task BatchIsCut_WhenCountOrWeightIsReached_AndAHeavyItemGoesAlone()
    {
        var lane = Lane(maxBatch: 3, maxWeight: 100);
        foreach (var item in new[] { 1, 1, 1, 1, 60, 60, 500, 1 })
        {
            Assert.True(lane.TryEnqueue(item));
        }

        lane.Complete();
        var running = lane.RunAsync(Token);
        List<string> batches = [];
        while (batches.Count < 5)
        {
            var call = await Eventually.NextAsync(_calls.Reader, "call", Token);
            batches.Add(string.Join(',', call.Batch));
            call.Answer.SetResult(null);
        }

        await running;
        Assert.Equal(["1,1,1", "1,60", "60", "500", "1"], batches);
    }

    [Fact]
    public async Task BatchIsRetriedWithGrowingWaits_ThenGivenUp_AndTheLaneGoesOn()
    {
        var lane = Lane(maxAttempts: 3);
        var running = lane.RunAsync(Token);
        lane.TryEnqueue(1);
        (await Eventually.NextAsync(_calls.Reader, "call", Token)).Answer.SetResult(Away);
        Assert.Equal("retrying 1", await Eventually.NextAsync(_events.Reader, "event", Token));
        var wait = await _time.NextWaitAsync(Token);
        Assert.InRange(wait.TotalSeconds, 0.5, 1);
        _time.Advance(wait);
        (await Eventually.NextAsync(_calls.Reader, "call", Token)).Answer.SetResult(Away);
        Assert.Equal("retrying 1", await Eventually.NextAsync(_events.Reader, "event", Token));
        wait = await _time.NextWaitAsync(Token);
        Assert.InRange(wait.TotalSeconds, 1, 2);
        _time.Advance(wait);
        (await Eventually.NextAsync(_calls.Reader, "call", Token)).Answer.SetResult(Away);
        Assert.Equal("given up 1", await Eventually.NextAsync(_events.Reader, "event", Token));

        lane.TryEnqueue(2);
        (await Eventually.NextAsync(_calls.Reader, "call", Token)).Answer.SetResult(null);
        Assert.Equal("published 2", await Eventually.NextAsync(_events.Reader, "event", Token));
        lane.Complete();
        await running;
    }

    [Fact]
    public async Task BatchIsGivenUpAtOnce_WhenItIsRefusedForGood_OrFailsByABug()
    {
        var lane = Lane();
        var running = lane.RunAsync(Token);
        lane.TryEnqueue(1);
        (await Eventually.NextAsync(_calls.Reader, "call", Token)).Answer.SetResult(new ServiceProblem(400, ProblemTypes.InvalidRequest, "Bad"));
        Assert.Equal("given up 1", await Eventually.NextAsync(_events.Reader, "event", Token));
        lane.TryEnqueue(2);
        (await Eventually.NextAsync(_calls.Reader, "call", Token)).Answer.SetException(new InvalidOperationException("bug"));
        Assert.Equal("given up 2", await Eventually.NextAsync(_events.Reader, "event", Token));
        lane.Complete();
        await running;
    }

    [Fact]
    public void ItemIsRefused_WhenTheQueueIsFull()
    {
        var lane = Lane(capacity: 2);
        Assert.True(lane.TryEnqueue(1));
        Assert.True(lane.TryEnqueue(2));
        Assert.False(lane.TryEnqueue(3));
        Assert.Equal(2, lane.Depth);
    }

    [Fact]
    public async Task EverythingIsGivenUp_WhenTimeIsUp()
    {
        using var abort = new CancellationTokenSource();
        var lane = Lane(maxBatch: 1);
        var running = lane.RunAsync(abort.Token);
        lane.TryEnqueue(1);
        lane.TryEnqueue(2);
        lane.TryEnqueue(3);
        await Eventually.NextAsync(_calls.Reader, "call", Token);
        lane.Complete();
        await abort.CancelAsync();
        await running;
        Assert.Equal(["given up 1,2,3"], Events());
    }

    private TestLane Lane(int capacity = 100, int maxBatch = 100, int maxWeight = 1_000, int maxAttempts = 5) => new(
        capacity,
        new RelayOptions
        {
            MaxBatch = maxBatch,
            MaxBatchBytes = maxWeight,
            MaxAttempts = maxAttempts,
            FirstBackoff = TimeSpan.FromSeconds(1),
            MaxBackoff = TimeSpan.FromSeconds(30),
        },
        _time,
        _calls.Writer,
        _events.Writer);

    private List<string> Events()
    {
        List<string> all = [];
        while (_events.Reader.TryRead(out var one))
        {
            all.Add(one);
        }

        return all;
    }

    private sealed record Call(List<int> Batch)
    {
        public TaskCompletionSource<ServiceProblem?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class TestLane(int capacity, RelayOptions options, TimeProvider time, ChannelWriter<Call> calls, ChannelWriter<string> events)
        : PublishLane<int>(capacity, options, time)
    {
        protected override long Weight(int item) => item;

        protected override Task<ServiceProblem?> SendAsync(List<int> batch, CancellationToken cancellationToken)
        {
            var call = new Call([.. batch]);
            calls.TryWrite(call);
            return call.Answer.Task.WaitAsync(cancellationToken);
        }

        protected override void OnPublished(List<int> batch) => Say("published", batch);

        protected override void OnRetrying(List<int> batch, ServiceProblem problem) => Say("retrying", batch);

        protected override void OnGivenUp(List<int> batch, ServiceProblem? problem, Exception? exception) => Say("given up", batch);

        private void Say(string what, List<int> batch) => events.TryWrite($"{what} {string.Join(',', batch)}");
    }
}
