using Contracts.Layouts;
using Contracts.Messages;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>Where one room's events go and where they are listened for, under one layout. Immutable; made once for a room and layout.</summary>
internal sealed class RoomRoutes
{
    private readonly bool _isCluster;
    private readonly bool _bySender;
    private readonly FamilyChannels[] _publish;

    public RoomRoutes(in RoomKey room, LayoutState state, long epoch, bool isCanary, bool isCluster)
    {
        _isCluster = isCluster;
        _bySender = state.ShardKey == ShardKeys.Sender;
        Epoch = (uint)epoch;
        State = state;
        var routes = LayoutRules.RoutesOf(state);
        Listen = isCanary ? routes.CanaryListen : routes.Listen;
        _publish = new FamilyChannels[routes.Publish.Count];
        for (var i = 0; i < _publish.Length; i++)
        {
            _publish[i] = new FamilyChannels(room, routes.Publish[i], this);
        }

        ListenTo = ChannelsOf(room, Listen);
        CompareWith = state.Stage == LayoutStages.Shadow && Listen == LayoutRules.Legacy ? ChannelsOf(room, state.Shards) : [];
        Layout = routes.Publish.Count > 1 ? "both" : NameOf(routes.Publish[0]);
    }

    /// <summary>Epoch of the layout; 0: none was ever set.</summary>
    public uint Epoch { get; }

    public LayoutState State { get; }

    /// <summary>Family that is listened to.</summary>
    public int Listen { get; }

    /// <summary>Channels that together carry all events of the room for a listener.</summary>
    public IReadOnlyList<ListenedChannel> ListenTo { get; }

    /// <summary>Channels whose copies a sampled room compares with those that it listens to; nothing of them is delivered.</summary>
    public IReadOnlyList<ListenedChannel> CompareWith { get; }

    /// <summary>Value of the <c>layout</c> tag for publishes: legacy, sharded or both.</summary>
    public string Layout { get; }

    /// <summary>How many channels an event is published to.</summary>
    public int Copies => _publish.Length;

    /// <summary>The channel for copy number <paramref name="copy"/> of a message.</summary>
    public RedisChannel MessageChannel(int copy, string id, string sender) => _publish[copy].Message(_bySender ? sender : id);

    /// <summary>The channel for copy number <paramref name="copy"/> of a signal.</summary>
    public RedisChannel SignalChannel(int copy) => _publish[copy].Signal;

    /// <summary>The channel for copy number <paramref name="copy"/> of a system event.</summary>
    public RedisChannel SystemChannel(int copy) => _publish[copy].System;

    /// <summary>Value of the <c>layout</c> tag for a family.</summary>
    public static string NameOf(int family) => family == LayoutRules.Legacy ? "legacy" : "sharded";

    /// <summary>All channels of a family.</summary>
    public static IReadOnlyList<ListenedChannel> ChannelsOf(in RoomKey room, int family)
    {
        if (family == LayoutRules.Legacy)
        {
            return [new ListenedChannel(ChannelNames.Legacy(room), ListenedKind.All, 0)];
        }

        var channels = new ListenedChannel[family + 2];
        for (var shard = 0; shard < family; shard++)
        {
            channels[shard] = new ListenedChannel(ChannelNames.Message(room, shard), ListenedKind.Message, shard);
        }

        channels[family] = new ListenedChannel(ChannelNames.Signal(room), ListenedKind.Signal, 0);
        channels[family + 1] = new ListenedChannel(ChannelNames.System(room), ListenedKind.System, 0);
        return channels;
    }

    /// <summary>A name as the client library takes it.</summary>
    public static RedisChannel Channel(string name, bool isCluster) => isCluster ? RedisChannel.Sharded(name) : RedisChannel.Literal(name);

    /// <summary>Channels of one family, ready to publish to.</summary>
    private readonly struct FamilyChannels
    {
        private readonly RedisChannel[] _messages;

        public FamilyChannels(in RoomKey room, int family, RoomRoutes owner)
        {
            if (family == LayoutRules.Legacy)
            {
                Signal = System = Channel(ChannelNames.Legacy(room), owner._isCluster);
                _messages = [Signal];
                return;
            }

            _messages = new RedisChannel[family];
            for (var shard = 0; shard < family; shard++)
            {
                _messages[shard] = Channel(ChannelNames.Message(room, shard), owner._isCluster);
            }

            Signal = Channel(ChannelNames.Signal(room), owner._isCluster);
            System = Channel(ChannelNames.System(room), owner._isCluster);
        }

        public RedisChannel Signal { get; }

        public RedisChannel System { get; }

        public RedisChannel Message(string key) => _messages[ShardHash.ShardOf(key, _messages.Length)];
    }
}

/// <summary>What a channel carries.</summary>
internal enum ListenedKind
{
    /// <summary>The legacy channel: everything.</summary>
    All,
    Message,
    Signal,
    System,
}

/// <summary>A channel to listen to.</summary>
/// <param name="Name">Name on the broker.</param>
/// <param name="Kind">What it carries.</param>
/// <param name="Shard">Number among the message shards; else 0.</param>
internal readonly record struct ListenedChannel(string Name, ListenedKind Kind, int Shard);
