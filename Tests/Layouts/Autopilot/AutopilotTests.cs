using System.Net;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Publish;
using Layouts.Admin;
using Realtime.Channels;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.Layouts.Driving;
using Tests.Realtime;
using Tests.Realtime.Node;

namespace Tests.Layouts.Autopilot;

/// <summary>The autopilot over real nodes, a real dbman and a real Redis, with short soaks.</summary>
public sealed class AutopilotTests(DataServers servers)
{
    private const string Long = "01:00:00";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GoodTrafficIsPromotedThroughEveryRung_AndNobodyElsesRoomsMove()
    {
        await using var rig = await DriverRig.StartAsync(servers, 2, Settings(soak: "00:00:00.300", watch: "00:00:00.300"));
        await using var load = await LayoutLoad.StartAsync(rig.Nodes, rig.Rooms, [new RoomKey(rig.Scope.Tenant!, "hot"), new RoomKey(rig.Scope.Tenant!, "calm")]);
        var plan = await rig.FlyAsync();
        Assert.NotNull(plan.GoalAt);
        await rig.ArrivedAsync("sharded (4 shards)");

        Assert.Equal(
            [
                "legacy (4 shards)", "shadow (4 shards)", "canary (4 shards, 25 % of rooms)", "canary (4 shards, 100 % of rooms)",
                "cutover/listen (4 shards)", "cutover (4 shards)", "sharded (4 shards)",
            ],
            await rig.HistoryAsync());
        Assert.Equal(await rig.HistoryAsync(), plan.Steps.Select(static step => step.Name));
        Assert.All((await rig.Plane.GetAsync(0, Token)).Value.Records, record => Assert.Equal(rig.Scope, record.Scope));

        // One promotion a soak: shadow, two shares, cutover, and at the end sharded itself.
        var promotions = (await rig.DecisionsAsync()).Where(static decision => decision is { By: "autopilot", Decision: "promote" }).ToArray();
        Assert.Equal(5, promotions.Length);
        Assert.All(promotions, static promotion => Assert.True(promotion.Figures["soaked_seconds"] >= 0.3, promotion.Text));
        Assert.True(promotions[0].Figures["parity"] > 0.9);
        Assert.True(promotions[^1].Figures["latency"] > 0);
        TestContext.Current.SendDiagnosticMessage(await load.FinishAsync());
    }

    [Fact]
    public async Task BrokenParityLeadsBackToShadow_AndItStaysThere()
    {
        await using var rig = await DriverRig.StartAsync(servers, 1, Settings(soak: Long));
        var (room, socket) = await ListenAsync(rig);
        await using var _ = socket;
        await rig.AskAsync(HttpMethod.Put, AdminRoutes.Goal, new GoalRequest(rig.Scope.ToString(), LayoutStages.Canary, Canary: new CanaryRequest(Rooms: [$"{rig.Scope.Tenant}/other"])));
        await rig.ArrivedAsync("canary (4 shards, 1 room(s))");
        await rig.FlyAsync();

        // No faults until the soak has begun; then events that never reach a shard.
        await Eventually.ClearAsync(async () =>
        {
            await SendAsync(rig, room);
            return (await rig.AutopilotAsync())?.Status is { SoakedSeconds: > 0, Gates.Count: 7 } status ? status.Verdict == "hold" ? null : status.Text : "no soak";
        });
        var redis = rig.Nodes[0].Get<IConnectionMultiplexer>().GetSubscriber();
        await Eventually.ClearAsync(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await redis.PublishAsync(RedisChannel.Literal(ChannelNames.Legacy(room)), Envelopes.Of(rig.Rooms.Append(room), 1, null));
            }

            var scope = (await rig.StatusAsync()).Scopes.Single();
            return scope is { Goal: null, State.Stage: LayoutStages.Shadow } ? null : $"{scope.Name}; {(await rig.AutopilotAsync())?.Status}";
        });

        Assert.Null(await rig.AutopilotAsync());
        var decision = Assert.Single(await rig.DecisionsAsync(), static decision => decision.Decision == "roll-back");
        Assert.Equal("autopilot", decision.By);
        Assert.InRange(decision.Figures["parity"], 0, decision.Figures["parity_bound"]);
        Assert.Contains("the autopilot is off", decision.Text, StringComparison.Ordinal);
        Assert.Equal("shadow (4 shards)", (await rig.HistoryAsync())[^1]);
        var record = (await rig.Plane.GetAsync(0, Token)).Value.Records.Single(record => record.Scope == rig.Scope);
        Assert.Equal("autopilot", record.By);
        Assert.Contains("parity", record.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALatencyBeyondItsBoundLeadsBackFromSharded()
    {
        var redis = ConfigurationOptions.Parse(await servers.GetRedisConnectionStringAsync(Token));
        var (host, port) = redis.EndPoints[0] is DnsEndPoint name ? (name.Host, name.Port) : ("127.0.0.1", ((IPEndPoint)redis.EndPoints[0]).Port);
        await using var proxy = new TcpProxy(host, port);
        redis.EndPoints.Clear();
        redis.EndPoints.Add("127.0.0.1", proxy.Port);
        await using var rig = await DriverRig.StartAsync(
            servers, redis.ToString(includePassword: true), 1, [.. Settings(soak: Long, watch: Long), ("Autopilot:MaxLatency", "00:00:00.700")]);
        var (room, socket) = await ListenAsync(rig);
        await using var _ = socket;
        await rig.GoAsync(LayoutStages.Sharded);
        await rig.ArrivedAsync("sharded (4 shards)");
        await rig.FlyAsync();
        await Eventually.ClearAsync(async () =>
        {
            await SendAsync(rig, room);
            return (await rig.AutopilotAsync())?.Status is { SoakedSeconds: > 0 } ? null : "no soak";
        });

        await Eventually.ClearAsync(async () =>
        {
            // All of these wait in the wire for a second.
            proxy.Stall();
            var sent = SendAsync(rig, room);
            var stalledAt = TimeProvider.System.GetTimestamp();
            await Eventually.ClearAsync(() => TimeProvider.System.GetElapsedTime(stalledAt) > TimeSpan.FromSeconds(1) ? null : "not long enough");
            proxy.Resume();
            await sent;
            var scope = (await rig.StatusAsync()).Scopes.Single();
            return scope.Goal is not { Autopilot: true } ? null : $"{scope.Name}; {(await rig.AutopilotAsync())?.Status}";
        });
        await rig.ArrivedAsync("shadow (4 shards)");
        var decision = Assert.Single(await rig.DecisionsAsync(), static decision => decision.Decision == "roll-back");
        Assert.True(decision.Figures["latency"] > decision.Figures["latency_bound"], decision.Text);
        Assert.Equal(0.7, decision.Figures["latency_bound"], 3);
    }

    [Fact]
    public async Task ADryRunDecidesAndChangesNothing()
    {
        await using var rig = await DriverRig.StartAsync(servers, 1, Settings(soak: "00:00:00.300"));
        var (room, socket) = await ListenAsync(rig);
        await using var _ = socket;
        await rig.GoAsync(LayoutStages.Shadow);
        await rig.ArrivedAsync("shadow (4 shards)");
        var history = await rig.HistoryAsync();
        await rig.FlyAsync(dryRun: true);
        await Eventually.ClearAsync(async () =>
        {
            await SendAsync(rig, room);
            var row = await rig.AutopilotAsync();
            return row is { IsDry: true, Status: { Verdict: "promote", Next: "canary (4 shards, 25 % of rooms)" } } ? null : $"{row?.Status}";
        });
        await Eventually.ClearAsync(async () => (await rig.DecisionsAsync()).Any(static decision => decision.Decision == "promote") ? null : "no decision");
        var promotion = Assert.Single(await rig.DecisionsAsync(), static decision => decision.Decision == "promote");
        Assert.StartsWith("Dry run: shadow (4 shards) -> canary", promotion.Text, StringComparison.Ordinal);
        Assert.Equal(history, await rig.HistoryAsync());

        using var stopped = await rig.Nodes[0].Http.DeleteAsync(new Uri($"{AdminRoutes.Autopilot}?scope={rig.Scope}", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
        using var again = await rig.Nodes[0].Http.DeleteAsync(new Uri($"{AdminRoutes.Autopilot}?scope={rig.Scope}", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Null(await rig.AutopilotAsync());
    }

    [Fact]
    public async Task AnotherDriverSoaksAnewAndGoesOn_WhenOneDiesDuringASoak()
    {
        await using var rig = await DriverRig.StartAsync(servers, 2, Settings(soak: "00:00:01"));
        var driver = await rig.DriverAsync();
        var other = rig.Nodes.Single(node => node != driver);
        var (room, socket) = await ListenAsync(rig, other);
        await using var _ = socket;
        await rig.GoAsync(LayoutStages.Shadow);
        await rig.ArrivedAsync("shadow (4 shards)");
        await rig.FlyAsync();
        await Eventually.ClearAsync(async () => (await rig.AutopilotAsync(other))?.Status is { SoakedSeconds: > 0 } ? null : "no soak");
        await rig.KillAsync(driver);
        await Eventually.ClearAsync(async () =>
        {
            await SendAsync(rig, room, other);
            var status = (await rig.StatusAsync(other)).Scopes.Single();
            return status.State.Stage == LayoutStages.Canary ? null : $"{status.Name}; {(await rig.AutopilotAsync(other))?.Status}";
        });

        // The dead one could send nothing, and so not promote; the live one has soaked in full.
        var promotion = (await rig.DecisionsAsync()).First(static decision => decision.Decision == "promote");
        Assert.True(promotion.Figures["soaked_seconds"] >= 1, promotion.Text);
    }

    private static (string Name, string Value)[] Settings(string soak, string watch = Long) => QuickAutopilot.Settings(soak, watch);

    /// <summary>A room with a subscriber, which reads and discards everything.</summary>
    private static async Task<(RoomKey Room, TestSocket Socket)> ListenAsync(DriverRig rig, RealtimeNode? node = null)
    {
        var room = new RoomKey(rig.Scope.Tenant!, "lobby");
        rig.Rooms.Create(room, "ann");
        var socket = await (node ?? rig.Nodes[0]).ConnectAsync(room.Tenant, "ann");
        await socket.SubscribeAsync(room.Room);
        return (room, socket);
    }

    private static async Task SendAsync(DriverRig rig, RoomKey room, RealtimeNode? node = null)
    {
        var result = await (node ?? rig.Nodes[0]).Client.PublishAsync(new PublishRequest([.. Enumerable.Range(0, 10).Select(_ => rig.Rooms.Append(room))], []), Token);
        Assert.True(result.IsSuccess, result.Problem?.ToString());
    }
}
