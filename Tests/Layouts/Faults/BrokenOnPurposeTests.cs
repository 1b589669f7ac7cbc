using System.Globalization;
using Contracts;
using Contracts.Frames;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Publish;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Realtime.Channels;
using Realtime.Fanout;
using Realtime.Node;
using Tests.Infrastructure;
using Tests.Realtime;
using Tests.ServiceDefaults;

namespace Tests.Layouts.Faults;

/// <summary>
/// The fault tests can fail. A node hears nothing of changes while rooms move from the legacy channel to shards: with the barrier nothing is lost;
/// without it the log of its subscriber says so. And each promise is broken in a node, after everything that could repair it: the log names it.
/// </summary>
public sealed class BrokenOnPurposeTests(DataServers servers)
{
    private const int Part = 20;

    private static readonly FakeTimeProvider Clock = new();

    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    private static readonly LayoutState[] Way =
    [
        Shadow,
        Shadow with { Stage = LayoutStages.Canary, Canary = new CanaryRule([], [], 1_000) },
        Shadow with { Stage = LayoutStages.Cutover, Step = LayoutSteps.Listen },
        Shadow with { Stage = LayoutStages.Cutover },
    ];

    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");
    private readonly Sent _events = new(Clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnEventThatIsLeftOutIsCaught_WhenNodesThatLagAreNotWaitedFor(bool isBroken)
    {
        using var issuer = new TestIssuer();
        var rooms = new MemoryRooms();
        var plane = new MemoryPlane { IgnoresNodes = isBroken };
        rooms.Create(_room, "reader");
        await using var publisher = await StartAsync(rooms, issuer, plane);
        await using var deaf = await StartAsync(rooms, issuer, plane);
        await using var socket = await deaf.ConnectAsync(_room.Tenant, "reader");
        await socket.SubscribeAsync(_room.Room);
        var log = new ReaderLog("reader", isOrdered: true);
        log.Subscribed(0, 0, 0);
        await PublishAsync(publisher);

        var name = deaf.Get<NodeAgent>().Node;
        plane.IsAway = node => node == name;
        var steps = Way.TakeWhile(state => plane.TryChange(LayoutScope.All, state) is null).Count();
        Assert.Equal(isBroken ? Way.Length : 1, steps);
        await Eventually.ClearAsync(() => publisher.Get<NodeAgent>().Applied == steps ? null : $"{publisher.Get<NodeAgent>().Applied} of {steps} are applied");
        await PublishAsync(publisher);

        plane.IsAway = static _ => false;
        foreach (var state in Way.Skip(steps))
        {
            await Eventually.ClearAsync(() => plane.TryChange(LayoutScope.All, state));
        }

        await Eventually.ClearAsync(plane.Late);
        await PublishAsync(publisher);
        for (var number = 0L; number < _events.Begun;)
        {
            var frame = await socket.NextAsync();
            Assert.Equal(FrameTypes.System, frame.Type);
            number = long.Parse(frame.Id![1..], CultureInfo.InvariantCulture);
            log.Event(number);
        }

        Clock.Advance(ReaderLog.OnItsWay);
        log.Closed(new Sent(Clock), _events, nodeWasWell: true);
        var faults = log.Faults;
        Assert.Equal(isBroken ? Part : 0, faults.Count);
        Assert.All(faults, static fault => Assert.Contains("was left out", fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Sabotage.None, null)]
    [InlineData(Sabotage.MessageLost, "is at 4 of 20")]
    [InlineData(Sabotage.MessageDoubled, "message 5 twice on a connection")]
    [InlineData(Sabotage.MessagesSwapped, "message 6 behind 4")]
    [InlineData(Sabotage.EventDoubled, "event 5 twice on a connection")]
    [InlineData(Sabotage.EventLost, "events [5] (1)")]
    [InlineData(Sabotage.EventLostAndTold, null)]
    [InlineData(Sabotage.SignalDoubled, "signal 5 twice on a connection")]
    [InlineData(Sabotage.SignalLost, "signals [5] (1)")]
    public async Task ABrokenPromiseIsNamed(Sabotage sabotage, string? objection)
    {
        using var issuer = new TestIssuer();
        var rooms = new MemoryRooms();
        rooms.Create(_room, "reader", "sender");
        await using var node = await StartAsync(rooms, issuer, new MemoryPlane(), services =>
        {
            services.AddSingleton<IRoomChannels>(provider => new Saboteur(provider.GetRequiredService<RedisRoomChannels>(), sabotage));
            if (sabotage == Sabotage.MessageLost)
            {
                services.AddSingleton<IRoomStore>(new ForgetfulRooms(rooms));
            }
        });
        await using var reader = await node.ConnectAsync(_room.Tenant, "reader");
        await using var sender = await node.ConnectAsync(_room.Tenant, "sender");
        await reader.SubscribeAsync(_room.Room);
        await sender.SubscribeAsync(_room.Room);
        var log = new ReaderLog("reader", isOrdered: true);
        log.Subscribed(0, 0, 0);
        var signals = new Sent(Clock);
        for (var i = 1; i <= Part; i++)
        {
            await node.PublishAsync(rooms.Append(_room));
            signals.Take(signals.Begin());
            await sender.SendAsync($$"""{"type":"signal","id":"s{{i}}","room":"{{_room.Room}}","data":{{i}}}""");
            while ((await sender.NextAsync()) is not { Type: FrameTypes.Ack })
            {
                // Its own messages.
            }
        }

        await PublishAsync(node);

        // All that comes at all: each kind has a last one, and only a lost message keeps back those that follow it.
        var last = (Message: sabotage == Sabotage.MessageLost, Signal: false, Event: false);
        for (var messages = 0; last is not (true, true, true);)
        {
            var frame = await reader.NextAsync();
            switch (frame.Type)
            {
                case FrameTypes.Message:
                    log.Message(frame.Seq!.Value);
                    last.Message |= ++messages == Part;
                    break;
                case FrameTypes.Signal:
                    log.Signal(frame.Data!.Value.GetInt64());
                    last.Signal |= frame.Data!.Value.GetInt64() == Part;
                    break;
                case FrameTypes.System when frame.Event == SystemEvents.StreamInterrupted:
                    log.Interrupted(0, Saboteur.Number);
                    break;
                case FrameTypes.System:
                    log.Event(long.Parse(frame.Id![1..], CultureInfo.InvariantCulture));
                    last.Event |= frame.Id == $"e{Part}";
                    break;
            }
        }

        string[] objections = [.. log.Faults, .. log.Lacks(Part, signals, _events) is { } lack ? [lack] : Array.Empty<string>()];
        if (objection is null)
        {
            Assert.Empty(objections);
        }
        else
        {
            Assert.Contains(objections, text => text.Contains(objection, StringComparison.Ordinal));
        }
    }

    private async Task<RealtimeNode> StartAsync(MemoryRooms rooms, TestIssuer issuer, MemoryPlane plane, Action<IServiceCollection>? services = null) => await RealtimeNode.StartAsync(
        await servers.GetRedisConnectionStringAsync(Token),
        rooms,
        issuer,
        new(StringComparer.Ordinal) { ["Channels:Overlap"] = "00:00:00.200", ["ControlPlane:Heartbeat"] = "00:00:00.100", ["Fanout:ReorderWindow"] = "00:00:10" },
        plane,
        services);

    private async Task PublishAsync(RealtimeNode node)
    {
        for (var i = 0; i < Part; i++)
        {
            var number = _events.Begin();
            var record = new SystemEventRecord(
                _room.Tenant, _room.Room, string.Create(CultureInfo.InvariantCulture, $"e{number}"), SystemEvents.RoomUpdated, "somebody", DateTimeOffset.UnixEpoch);

            // A busy machine may take longer for it than a layout allows: repeated like by any caller.
            await Eventually.ClearAsync(async () => (await node.Client.PublishAsync(new PublishRequest([], [record]), Token)).Problem?.ToString());
            _events.Take(number);
        }
    }
}
