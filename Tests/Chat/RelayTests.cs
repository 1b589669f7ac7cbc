using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

/// <summary>Every committed message reaches Realtime, whatever fails in between.</summary>
public sealed class RelayTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MessageIsPublishedAndMarked_WhenPosted()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        var chat = system.StartChat(realtime);
        var tenant = await RoomAsync(chat);
        await PostAsync(tenant, 1, 3);
        var published = await realtime.TakeMessagesAsync(tenant.Id, 3, Token);
        Assert.Equal([1L, 2L, 3L], published.Select(static message => message.Seq));
        Assert.All(published, message => Assert.Equal((tenant.Id, "r", "ann"), (message.Tenant, message.Room, message.Sender)));

        // The shutdown reports what the last tick had not.
        await chat.DisposeAsync();
        Assert.Empty(await system.UnrelayedAsync(tenant.Id));
    }

    [Fact]
    public async Task SenderDoesNotWait_WhenRealtimeHangs()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        realtime.Close();
        await using var chat = system.StartChat(realtime);
        var tenant = await RoomAsync(chat);
        await PostAsync(tenant, 1, 20);
        Assert.Single(await system.UnrelayedAsync(tenant.Id));
        realtime.Open();
        Assert.Equal(20, (await realtime.TakeMessagesAsync(tenant.Id, 20, Token)).Count);
    }

    [Fact]
    public async Task WayOfEveryMessageIsCounted()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        await using var chat = system.StartChat(realtime);
        var meters = chat.Get<IMeterFactory>();
        using var queued = new MetricCollector<long>(meters, "Chat", "chat.relay.queued");
        using var published = new MetricCollector<long>(meters, "Chat", "chat.relay.published");
        using var delay = new MetricCollector<double>(meters, "Chat", "chat.relay.delay");
        var tenant = await RoomAsync(chat);
        await PostAsync(tenant, 1, 3);
        await realtime.TakeMessagesAsync(tenant.Id, 3, Token);
        await chat.DisposeAsync();
        Assert.Equal(3, queued.GetMeasurementSnapshot().EvaluateAsCounter());
        Assert.Equal(3, published.GetMeasurementSnapshot().EvaluateAsCounter());
        Assert.Equal(3, delay.GetMeasurementSnapshot().Count);
    }

    [Fact]
    public async Task LongMessagesAreRepairedInSeveralCalls()
    {
        await using var refusing = await ScriptedRealtime.StartAsync(Token);
        refusing.Status = 503;
        var first = system.StartChat(refusing, ("Relay:MaxAttempts", "1"), ("Relay:FlushTimeout", "00:00:00"));
        var tenant = await RoomAsync(first);
        var text = new string('x', 8_000);
        for (var i = 0; i < 5; i++)
        {
            await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{text}}"}"""), 201);
        }

        await first.DisposeAsync();
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        await using var second = system.StartChat(realtime, [.. SweepAtOnce, ("Relay:MaxBatchBytes", "120000")]);
        List<int> calls = [];
        while (calls.Sum() < 5)
        {
            calls.Add((await realtime.TakeMessagesAsync(tenant.Id, 1, Token)).Count);
        }

        Assert.Equal([2, 2, 1], calls);
        await system.WaitForRelayedAsync(tenant.Id);
    }

    [Fact]
    public async Task MessagesAreSentAgain_InOrder_WhenRealtimeRefusesForAWhile()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        realtime.Status = 503;
        await using var chat = system.StartChat(realtime, ("Relay:FirstBackoff", "00:00:00.001"), ("Relay:MaxBackoff", "00:00:00.050"), ("Relay:MaxAttempts", "100"));
        var tenant = await RoomAsync(chat);
        await PostAsync(tenant, 1, 5);
        await realtime.RefusedAsync(Token);
        await realtime.RefusedAsync(Token);
        realtime.Status = 200;
        Assert.Equal([1, 2, 3, 4, 5], (await realtime.TakeMessagesAsync(tenant.Id, 5, Token)).Select(static message => message.Seq));
    }

    [Fact]
    public async Task AnotherReplicaPublishes_WhenOneEndsBetweenCommitAndPublish()
    {
        await using var refusing = await ScriptedRealtime.StartAsync(Token);
        refusing.Status = 503;
        var first = system.StartChat(refusing, ("Relay:MaxAttempts", "1"), ("Relay:FlushTimeout", "00:00:00"));
        var tenant = await RoomAsync(first);
        await PostAsync(tenant, 1, 25);
        await first.DisposeAsync();
        Assert.Empty(refusing.Drain());

        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        var second = system.StartChat(realtime, [.. SweepAtOnce, ("Sweeper:PageSize", "10")]);
        var repaired = await realtime.TakeMessagesAsync(tenant.Id, 25, Token);
        Assert.Equal(Enumerable.Range(1, 25).Select(static seq => (long)seq), repaired.Select(static message => message.Seq));

        await system.WaitForRelayedAsync(tenant.Id);
        await second.DisposeAsync();
        Assert.Empty(await system.UnrelayedAsync(tenant.Id));
    }

    [Fact]
    public async Task OnlyTheMissingMessagesAreRepaired_WhenLaterOnesWerePublished()
    {
        await using var refusing = await ScriptedRealtime.StartAsync(Token);
        refusing.Status = 503;
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        var first = system.StartChat(refusing, ("Relay:MaxAttempts", "1"), ("Relay:FlushTimeout", "00:00:00"));
        var second = system.StartChat(realtime);
        var tenant = await RoomAsync(first);
        await PostAsync(tenant, 1, 1);
        await refusing.RefusedAsync(Token);
        var other = new Caller(second.Address, tenant.Id, "ann");
        await ReadAsync(other.PostAsync("/v1/rooms/r/messages", """{"text":"2"}"""), 201);
        Assert.Equal(2, Assert.Single(await realtime.TakeMessagesAsync(tenant.Id, 1, Token)).Seq);
        await first.DisposeAsync();
        await second.DisposeAsync();
        Assert.Equal((0, 2), (await system.UnrelayedAsync(tenant.Id)).Select(static room => ((int)room.RelayedSeq, (int)room.LastSeq)).Single());

        await using var third = system.StartChat(realtime, SweepAtOnce);
        var repaired = await realtime.TakeMessagesAsync(tenant.Id, 1, Token);
        Assert.Equal(1, repaired[0].Seq);
        await system.WaitForRelayedAsync(tenant.Id);
    }

    [Fact]
    public async Task MessagesBeyondTheQueueAreLeftToTheSweeper_AndNoSenderFails()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        realtime.Close();
        await using var chat = system.StartChat(
            realtime,
            [.. SweepAtOnce, ("Relay:Lanes", "1"), ("Relay:LaneCapacity", "1"), ("Relay:MaxBatch", "1"), ("Sweeper:Claim", "00:00:01")]);
        var tenant = await RoomAsync(chat);
        await PostAsync(tenant, 1, 20);
        realtime.Open();
        HashSet<long> seen = [];
        while (seen.Count < 20)
        {
            seen.UnionWith((await realtime.NextAsync(Token)).Messages.Where(message => message.Tenant == tenant.Id).Select(static message => message.Seq));
        }

        await system.WaitForRelayedAsync(tenant.Id);
        Assert.Contains(chat.Logs.Lines, static line => line.Contains("is full", StringComparison.Ordinal));
    }

    [Fact]
    public async Task QueueIsPublishedAndMarked_WhenTheReplicaShutsDown()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        realtime.Close();
        var chat = system.StartChat(realtime, ("Relay:MaxBatch", "2"));
        var tenant = await RoomAsync(chat);
        await PostAsync(tenant, 1, 9);
        var stopping = chat.DisposeAsync();
        realtime.Open();
        await stopping;
        Assert.Equal(Enumerable.Range(1, 9).Select(static seq => (long)seq), realtime.Drain().Select(static message => message.Seq));
        Assert.Empty(await system.UnrelayedAsync(tenant.Id));
    }

    [Fact]
    public async Task PositionCatchesUp_WhenTwoReplicasRelayEveryOtherMessage()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        var first = system.StartChat(realtime);
        var second = system.StartChat(realtime);
        var tenant = await RoomAsync(first);
        using var other = new Caller(second.Address, tenant.Id, "ann");
        for (var i = 0; i < 50; i++)
        {
            await ReadAsync((i % 2 == 0 ? tenant["ann"] : other).PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""), 201);
        }

        await system.WaitForRelayedAsync(tenant.Id);
        await first.DisposeAsync();
        await second.DisposeAsync();
        var published = realtime.Drain().Select(static message => message.Seq).Order();
        Assert.Equal(Enumerable.Range(1, 50).Select(static seq => (long)seq), published);
    }

    [Fact]
    public async Task SweepersGoOn_WhenRealtimeIsAwayForAWhile()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        realtime.Status = 503;
        await using var chat = system.StartChat(
            realtime,
            [.. SweepAtOnce, ("Relay:MaxAttempts", "1"), ("Sweeper:Claim", "00:10:00"), ("Sweeper:MaxBackoff", "00:00:00.200")]);
        var tenant = await RoomAsync(chat);
        await PostAsync(tenant, 1, 3);
        for (var refused = 0; refused < 3; refused++)
        {
            await realtime.RefusedAsync(Token);
        }

        realtime.Status = 200;
        HashSet<long> seen = [];
        while (seen.Count < 3)
        {
            seen.UnionWith((await realtime.NextAsync(Token)).Messages.Where(message => message.Tenant == tenant.Id).Select(static message => message.Seq));
        }

        await system.WaitForRelayedAsync(tenant.Id);
    }

    private static (string, string)[] SweepAtOnce => [("Sweeper:Interval", "00:00:00.050"), ("Sweeper:Grace", "00:00:00")];

    private async Task<TestTenant> RoomAsync(RunningService<global::Chat.Rooms.RoomEvents> chat)
    {
        var tenant = await system.CreateTenantAsync(chat, "ann");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x"}"""), 201);
        return tenant;
    }

    private static async Task PostAsync(TestTenant tenant, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            var message = await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{i}}"}"""), 201);
            Assert.Equal(i, message.GetProperty("seq").GetInt32());
        }
    }
}
