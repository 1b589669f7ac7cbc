using System.Collections.Concurrent;
using Contracts;
using Contracts.Layouts;
using Contracts.Messages;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Node;
using Realtime.Wire;
using StackExchange.Redis;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime.Channels;

/// <summary>What a batch becomes on the broker, and what becomes of a bundle that cannot be read.</summary>
public sealed class BundlePublishTests(DataServers servers) : IAsyncLifetime
{
    private static readonly LayoutState Shadow = new(LayoutStages.Shadow, LayoutSteps.None, 4, null, ShardKeys.Message);

    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly MemoryPlane _plane = new();
    private readonly RoomKey _room = new("t" + Ids.New(TimeProvider.System), "lobby");
    private readonly ConcurrentQueue<(string Channel, byte[] Value)> _seen = new();
    private RealtimeNode _node = null!;
    private ConnectionMultiplexer _redis = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _rooms.Create(_room, "ann");
        var redis = await servers.GetRedisConnectionStringAsync(Token);
        _node = await RealtimeNode.StartAsync(
            redis, _rooms, _issuer, new(StringComparer.Ordinal) { ["ControlPlane:Heartbeat"] = "00:00:00.100", ["Fanout:ReorderWindow"] = "00:00:00.050" }, _plane);
        _redis = await ConnectionMultiplexer.ConnectAsync(redis);
        await _redis.GetSubscriber().SubscribeAsync(
            RedisChannel.Pattern($"*{_room.Tenant}*"), (channel, value) => _seen.Enqueue((channel.ToString(), (byte[])value!)));
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _node.DisposeAsync();
        _issuer.Dispose();
    }

    [Fact]
    public async Task ABatchOfOneRoomIsOnePublish_AndReadersGetItsMessages()
    {
        await using var socket = await _node.ConnectAsync(_room.Tenant, "ann");
        await socket.SubscribeAsync(_room.Room);
        await _node.PublishAsync(Append(16));
        var seen = Assert.Single(await SeenAsync(1));
        Assert.Equal((ChannelKind.Bundle, 16L), (Decode(seen.Value).Kind, Decode(seen.Value).Seq));
        for (var seq = 1; seq <= 16; seq++)
        {
            Assert.Equal(seq, (await socket.NextAsync()).Seq);
        }
    }

    [Fact]
    public async Task EachMessageIsPublishedForItself_AsLongAsSomeNodeReadsNoBundles()
    {
        _plane.WireVersion = 1;
        await AgreeAsync(false);
        await _node.PublishAsync(Append(16));
        Assert.All(await SeenAsync(16), static seen => Assert.Equal(ChannelKind.Message, Decode(seen.Value).Kind));
        _plane.WireVersion = int.MaxValue;
        await AgreeAsync(true);
        _seen.Clear();
        await _node.PublishAsync(Append(16));
        Assert.Equal(ChannelKind.Bundle, Decode(Assert.Single(await SeenAsync(1)).Value).Kind);
    }

    [Fact]
    public async Task ABatchIsNotTorn_AndItsCopiesAreTheSame_WhenARoomIsPublishedToBothSides()
    {
        await MoveAsync(Shadow);
        await _node.PublishAsync(Append(16));
        var seen = await SeenAsync(2);
        Assert.Equal(2, seen.Select(static copy => copy.Channel).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(seen[0].Value, seen[1].Value);
        Assert.Equal(16, Decode(seen[0].Value).Seq);
    }

    [Fact]
    public async Task MessagesOfASenderStayOnItsShard_WhenSendersChooseIt()
    {
        await MoveAsync(Shadow with { ShardKey = ShardKeys.Sender });
        var senders = Enumerable.Range(0, 12).Select(static n => $"sender{n}").ToArray();
        var messages = Enumerable.Range(0, 48).Select(n => _rooms.Append(_room, senders[n % senders.Length])).ToArray();
        await _node.PublishAsync(messages);
        var shards = senders.ToDictionary(static sender => sender, static sender => ShardHash.ShardOf(sender, 4), StringComparer.Ordinal);
        Assert.Equal(4, shards.Values.Distinct().Count());
        var seen = await SeenAsync(8);
        for (var shard = 0; shard < 4; shard++)
        {
            var bundle = Decode(Assert.Single(seen, copy => copy.Channel == ChannelNames.Message(_room, shard)).Value);
            Assert.Equal(messages.Where(message => shards[message.Sender] == shard).Select(static message => message.Seq), Seqs(bundle));
        }
    }

    [Fact]
    public async Task RoomsOfOneBatchDoNotShareABundle()
    {
        var other = new RoomKey(_room.Tenant, "annex");
        _rooms.Create(other, "ann");
        await _node.PublishAsync([.. Enumerable.Range(0, 10).Select(n => _rooms.Append(n % 2 == 0 ? _room : other))]);
        Assert.All(await SeenAsync(2), static seen => Assert.Equal([1, 2, 3, 4, 5], Seqs(Decode(seen.Value))));
    }

    [Fact]
    public async Task ABundleThatCannotBeRead_IsCountedAndLoggedWithoutTheRoom_AndItsMessagesAreRepaired()
    {
        using var skipped = new MetricCollector<long>(_node.Get<System.Diagnostics.Metrics.IMeterFactory>(), RealtimeTelemetry.Name, "realtime.envelopes.skipped");
        await using var socket = await _node.ConnectAsync(_room.Tenant, "ann");
        await socket.SubscribeAsync(_room.Room);
        var writer = new BundleWriter();
        Assert.All(Append(3), message => Assert.True(writer.TryAdd(message)));
        var bytes = writer.Take(0, 1, null);
        foreach (var bad in (byte[][])[bytes[..^1], [.. bytes, 0], [.. bytes.AsSpan(0, 8), .. new byte[8], .. bytes.AsSpan(16)], [2, .. bytes.AsSpan(1)]])
        {
            await _redis.GetSubscriber().PublishAsync(RedisChannel.Literal(ChannelNames.Legacy(_room)), bad);
        }

        await _node.PublishAsync(Append(1));
        for (var seq = 1; seq <= 4; seq++)
        {
            Assert.Equal(seq, (await socket.NextAsync()).Seq);
        }

        Assert.Equal(4, skipped.GetMeasurementSnapshot().Sum(static measurement => measurement.Value));
        Assert.Equal(3, skipped.GetMeasurementSnapshot().Count(static measurement => Equals(measurement.Tags["reason"], nameof(DecodeStatus.Malformed))));
        Assert.DoesNotContain(_node.Warnings, warning => warning.Contains(_room.Tenant, StringComparison.Ordinal));
        Assert.Contains(_node.Warnings, static warning => warning.Contains("channel of kind all", StringComparison.Ordinal));
    }

    private static Envelope Decode(byte[] value)
    {
        Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode(value, out var envelope));
        return envelope;
    }

    private static List<long> Seqs(in Envelope bundle)
    {
        var seqs = new List<long>();
        foreach (var message in Bundle.Of(bundle))
        {
            seqs.Add(message.Seq);
        }

        return seqs;
    }

    private MessageRecord[] Append(int count) => [.. Enumerable.Range(0, count).Select(_ => _rooms.Append(_room))];

    /// <summary>What the broker was handed of the room, which must be exactly so many; a last publish shows that nothing more is on its way.</summary>
    private async Task<IReadOnlyList<(string Channel, byte[] Value)>> SeenAsync(int count)
    {
        var end = RedisChannel.Literal($"end-{_room.Tenant}");
        await _redis.GetSubscriber().PublishAsync(end, "end");
        await Eventually.ClearAsync(() => _seen.Any(seen => seen.Channel == end.ToString()) ? null : $"{_seen.Count} seen, no end");
        var seen = _seen.Where(seen => seen.Channel != end.ToString()).ToArray();
        Assert.Equal(count, seen.Length);
        return seen;
    }

    private async Task MoveAsync(LayoutState state)
    {
        await Eventually.ClearAsync(_plane.Late);
        Assert.Null(_plane.TryChange(LayoutScope.All, state));
        await Eventually.ClearAsync(() => _node.Get<NodeAgent>().Applied == _plane.Revision ? null : "not applied");
        await AgreeAsync(true);
    }

    private Task AgreeAsync(bool onBundles) =>
        Eventually.ClearAsync(() => _node.Get<ChannelLayouts>().ReadBundles == onBundles ? null : "the node has not heard which version all read");
}
