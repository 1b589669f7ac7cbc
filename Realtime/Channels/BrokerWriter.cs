using Contracts.Layouts;
using Realtime.Counting;
using Realtime.Wire;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>An event, or a bundle of them, for one of its channels.</summary>
/// <param name="To">The channel.</param>
/// <param name="Envelope">What it gets; never changed again.</param>
/// <param name="Kind">What is in it; a bundle counts as messages.</param>
/// <param name="Scope">Whose layout named the channel.</param>
/// <param name="Events">How many are in it.</param>
internal readonly record struct EventCopy(PublishedChannel To, byte[] Envelope, ChannelKind Kind, LayoutScope Scope, int Events);

/// <summary>Publishes on the broker, and counts what it took and what not.</summary>
internal sealed class BrokerWriter(IConnectionMultiplexer redis, NodeCounters counters, RealtimeTelemetry telemetry, TimeProvider time)
{
    /// <summary>All are sent before the first answer is awaited. Null when the broker has taken everything, else the first reason why not.</summary>
    public async Task<string?> WriteAsync(IReadOnlyList<EventCopy> copies)
    {
        if (copies is [var only])
        {
            return await WriteAsync(only);
        }

        var writes = new Task<string?>[copies.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            writes[i] = WriteAsync(copies[i]);
        }

        string? failure = null;
        foreach (var write in writes)
        {
            failure = await write ?? failure;
        }

        return failure;
    }

    /// <summary>
    /// One copy, timed for itself: copies that go to several servers are answered in any order, and each counts when its own answer is there. Its
    /// state is all that a copy allocates.
    /// </summary>
    private async Task<string?> WriteAsync(EventCopy copy)
    {
        var started = time.GetTimestamp();
        try
        {
            await redis.GetSubscriber().PublishAsync(copy.To.Channel, copy.Envelope);
            Count(copy, time.GetElapsedTime(started), isTaken: true);
            return null;
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            Count(copy, time.GetElapsedTime(started), isTaken: false);
            return exception.Message;
        }
    }

    private void Count(in EventCopy copy, TimeSpan duration, bool isTaken)
    {
        if (copy.Kind == ChannelKind.Control)
        {
            telemetry.Published(copy.Kind, LayoutNames.None, 0, copy.Events, duration, isTaken);
            return;
        }

        telemetry.Published(copy.Kind, LayoutNames.Of(copy.To.IsSharded), copy.To.Shard, copy.Events, duration, isTaken);
        if (isTaken)
        {
            counters.Published(copy.Kind, copy.To.IsSharded, copy.Scope, copy.Events, duration);
        }
        else
        {
            counters.Failed(copy.Kind, copy.To.IsSharded, copy.Scope, copy.Events);
        }
    }
}
