using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>Subscribing that either holds or leaves nothing behind.</summary>
internal static class RedisSubscriptions
{
    /// <summary>
    /// Subscribes, acknowledged by the server, or throws. The library keeps the queue of a subscribe that failed, and subscribes it when the
    /// connection is back: with nobody to read it, it would grow for good. So a failure takes back whatever there is of the channel; the caller makes
    /// sure that nobody else uses it meanwhile.
    /// </summary>
    public static async Task<ChannelMessageQueue> SubscribeOrForgetAsync(this IConnectionMultiplexer redis, RedisChannel channel)
    {
        var subscriber = redis.GetSubscriber();
        try
        {
            var queue = await subscriber.SubscribeAsync(channel);
            return subscriber.IsConnected(channel)
                ? queue
                : throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "The broker did not acknowledge the subscription.");
        }
        catch
        {
            await ForgetAsync(subscriber, channel);
            throw;
        }
    }

    private static async Task ForgetAsync(ISubscriber subscriber, RedisChannel channel)
    {
        try
        {
            // The library forgets it first. Whether the server learns of it does not matter: it has no subscription, or one of a lost connection.
            await subscriber.UnsubscribeAsync(channel, flags: CommandFlags.FireAndForget);
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            // Away: the failure that the caller sees says the same.
        }
    }
}
