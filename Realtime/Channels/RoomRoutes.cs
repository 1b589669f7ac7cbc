using Contracts.Frames;
using Contracts.Layouts;
using Contracts.Messages;
using Realtime.Counting;
using Realtime.Wire;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>Where one room's events go and where they are listened for, under one layout. Immutable; made once for a room and layout.</summary>
internal sealed class RoomRoutes
{
    private readonly bool _isCluster;
    private readonly bool _bySender;
    private readonly FamilyChannels[] _publish;

    public RoomRoutes(in RoomKey room, LayoutState state, LayoutScope scope, long epoch, bool isCanary, bool isCluster)
    {
        _isCluster = isCluster;
        _bySender = state.ShardKey == ShardKeys.Sender;
        Epoch = (uint)epoch;
        Scope = scope;
        State = state;
        var routes = LayoutRules.RoutesOf(state);
        Listen = isCanary ? routes.CanaryListen : routes.Listen;
        _publish = new FamilyChannels[routes.Publish.Count];
        for (var i = 0; i < _publish.Length; i++)
        {
            _publish[i] = new FamilyChannels(room, routes.Publish[i], this);
        }

        Lane = new RoomLane(this);
        ListenTo = ChannelsOf(room, Listen);
        CompareWith = state.Stage is LayoutStages.Shadow or LayoutStages.Canary && Listen == LayoutRules.Legacy ? ChannelsOf(room, state.Shards) : [];
        Announced = new RoomLayout(LayoutNames.OfFamily(Listen), Listen == LayoutRules.Legacy ? null : Listen, epoch);
    }

    /// <summary>Epoch of the layout; 0: none was ever set.</summary>
    public uint Epoch { get; }

    /// <summary>Whose layout it is; everything where none was ever set.</summary>
    public LayoutScope Scope { get; }

    public LayoutState State { get; }

    /// <summary>Family that is listened to.</summary>
    public int Listen { get; }

    /// <summary>Channels that together carry all events of the room for a listener.</summary>
    public IReadOnlyList<ListenedChannel> ListenTo { get; }

    /// <summary>Channels whose copies a sampled room compares with those that it listens to; nothing of them is delivered.</summary>
    public IReadOnlyList<ListenedChannel> CompareWith { get; }

    /// <summary>What subscribers see of it.</summary>
    public RoomLayout Announced { get; }

    /// <summary>How many channels an event is published to.</summary>
    public int Copies => _publish.Length;

    /// <summary>Its messages that are under way.</summary>
    public RoomLane Lane { get; }

    /// <summary>One envelope, for every channel that it goes to.</summary>
    /// <param name="kind">Message (also a bundle), signal or system.</param>
    /// <param name="id">Messages: the id; bundles: of the first message.</param>
    /// <param name="sender">Messages: who sent it.</param>
    /// <param name="envelope">The bytes.</param>
    /// <param name="events">How many events are in it.</param>
    public EventCopy[] CopiesOf(ChannelKind kind, string id, string sender, byte[] envelope, int events)
    {
        var copies = new EventCopy[_publish.Length];
        for (var copy = 0; copy < copies.Length; copy++)
        {
            ref readonly var family = ref _publish[copy];
            var channel = kind switch
            {
                ChannelKind.Message => family.Message(_bySender ? sender : id),
                ChannelKind.Signal => family.Signal,
                _ => family.System,
            };
            copies[copy] = new EventCopy(channel, envelope, kind, Scope, events);
        }

        return copies;
    }

    /// <summary>
    /// Messages that may share a bundle, each group in the order given. By id any channel will do, so a batch stays together; by sender each message
    /// goes where its sender's messages go.
    /// </summary>
    public IEnumerable<IReadOnlyList<MessageRecord>> GroupsOf(IReadOnlyList<MessageRecord> messages) =>
        !_bySender || messages.Count == 1 ? [messages] : messages.GroupBy(message => GroupOf(message.Sender)).Select(static group => group.ToList());

    private int GroupOf(string sender)
    {
        var group = 0;
        foreach (var family in _publish)
        {
            group = (group * LayoutRules.MaxShards) + family.Message(sender).Shard;
        }

        return group;
    }

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
        private readonly PublishedChannel[] _messages;

        public FamilyChannels(in RoomKey room, int family, RoomRoutes owner)
        {
            var isCluster = owner._isCluster;
            if (family == LayoutRules.Legacy)
            {
                Signal = System = new PublishedChannel(Channel(ChannelNames.Legacy(room), isCluster), IsSharded: false, 0);
                _messages = [Signal];
                return;
            }

            _messages = new PublishedChannel[family];
            for (var shard = 0; shard < family; shard++)
            {
                _messages[shard] = new PublishedChannel(Channel(ChannelNames.Message(room, shard), isCluster), IsSharded: true, shard);
            }

            Signal = new PublishedChannel(Channel(ChannelNames.Signal(room), isCluster), IsSharded: true, 0);
            System = new PublishedChannel(Channel(ChannelNames.System(room), isCluster), IsSharded: true, 0);
        }

        public PublishedChannel Signal { get; }

        public PublishedChannel System { get; }

        public PublishedChannel Message(string key) => _messages[ShardHash.ShardOf(key, _messages.Length)];
    }
}

/// <summary>A channel to publish to.</summary>
/// <param name="Channel">As the client library takes it.</param>
/// <param name="IsSharded">Whether it belongs to a sharded layout.</param>
/// <param name="Shard">Number among the message shards; else 0.</param>
internal readonly record struct PublishedChannel(RedisChannel Channel, bool IsSharded, int Shard);

/// <summary>A channel to listen to.</summary>
/// <param name="Name">Name on the broker.</param>
/// <param name="Kind">What it carries.</param>
/// <param name="Shard">Number among the message shards; else 0.</param>
internal readonly record struct ListenedChannel(string Name, ListenedKind Kind, int Shard);
