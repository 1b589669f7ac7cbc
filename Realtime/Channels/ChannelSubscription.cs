using System.Net;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>A subscription to one channel.</summary>
/// <param name="channel">What is listened to.</param>
/// <param name="name">As the client library takes it.</param>
/// <param name="sink">Takes what comes.</param>
internal sealed class ChannelSubscription(ListenedChannel channel, RedisChannel name, IChannelSink sink)
{
    private volatile ChannelPlace? _place;

    public ListenedChannel Channel => channel;

    public RedisChannel Name => name;

    public IChannelSink Sink => sink;

    /// <summary>What came and was not read yet; null: nothing is subscribed to. Written under the channel's stripe.</summary>
    public ChannelMessageQueue? Queue { get; set; }

    /// <summary>Ends when all that came before the end of the queue has been delivered. Under the channel's stripe.</summary>
    public Task Reading { get; set; } = Task.CompletedTask;

    /// <summary>Its server on a cluster, as of the last time that was certain; null without a cluster.</summary>
    public ChannelPlace? Place
    {
        get => _place;
        set => _place = value;
    }
}

/// <summary>The server that holds a subscription on a cluster, and what would show that it no longer does.</summary>
/// <param name="At">Server that has acknowledged it; null: unknown.</param>
/// <param name="Losses">How often the subscription connection to that server had been lost.</param>
/// <param name="Owner">Master of the channel's slot at that time; null: not known yet.</param>
internal sealed record ChannelPlace(EndPoint? At, long Losses, EndPoint? Owner);
