using System.Globalization;
using Contracts;
using Contracts.Frames;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Publish;
using Realtime.Migration;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Migration.Faults;

/// <summary>
/// What the fault tests rest on is known to bite: a node hears nothing of changes while rooms move from the legacy channel to shards. Where nodes are waited for, nothing is left out; where they are not,
/// the log of its subscriber says so.
/// </summary>
public sealed class BrokenOnPurposeTests(DataServers servers)
{
    private const int Part = 20;

    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    private static readonly LayoutState[] Way =
    [
        Shadow,
        Shadow with { Stage = LayoutStages.Canary, Canary = new CanaryRule([], [], 1_000) },
        Shadow with { Stage = LayoutStages.Cutover, Step = LayoutSteps.Listen },
        Shadow with { Stage = LayoutStages.Cutover },
    ];

    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");
    private readonly Sent _events = new();

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

        log.Closed(new Sent(), _events, nodeWasWell: true);
        var faults = log.Faults;
        Assert.Equal(isBroken ? Part : 0, faults.Count);
        Assert.All(faults, static fault => Assert.Contains("was left out", fault, StringComparison.Ordinal));
    }

    private async Task<RealtimeNode> StartAsync(MemoryRooms rooms, TestIssuer issuer, MemoryPlane plane) => await RealtimeNode.StartAsync(
        await servers.GetRedisConnectionStringAsync(Token),
        rooms,
        issuer,
        new(StringComparer.Ordinal) { ["Channels:Overlap"] = "00:00:00.200", ["ControlPlane:Heartbeat"] = "00:00:00.100" },
        plane);

    private async Task PublishAsync(RealtimeNode node)
    {
        for (var i = 0; i < Part; i++)
        {
            var number = _events.Begin();
            var record = new SystemEventRecord(
                _room.Tenant, _room.Room, string.Create(CultureInfo.InvariantCulture, $"e{number}"), SystemEvents.RoomUpdated, "somebody", DateTimeOffset.UnixEpoch);
            var result = await node.Client.PublishAsync(new PublishRequest([], [record]), Token);
            Assert.True(result.IsSuccess, result.Problem?.ToString());
            _events.Take(number);
        }
    }
}
