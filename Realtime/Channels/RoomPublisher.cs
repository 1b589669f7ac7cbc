using System.Diagnostics;
using Contracts;
using Contracts.Messages;
using Contracts.Publish;
using Contracts.Results;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>Hands events of rooms to the broker. A batch is pipelined: all of it is sent before the first answer is awaited.</summary>
internal sealed class RoomPublisher(IConnectionMultiplexer redis, RealtimeTelemetry telemetry, TimeProvider time, ILogger<RoomPublisher> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Messages and system events together; succeeds when the broker has taken all of them.</summary>
    public Task<ServiceResult<Unit>> PublishAsync(PublishRequest request)
    {
        var now = Now();
        var trace = TraceParent();
        var batch = new (RedisChannel Channel, byte[] Envelope)[request.Messages.Count + request.System.Count];
        var at = 0;
        foreach (var message in request.Messages)
        {
            batch[at++] = (ChannelOf(new RoomKey(message.Tenant, message.Room)), Frames.Envelope(message, now, trace));
        }

        foreach (var record in request.System)
        {
            batch[at++] = (ChannelOf(new RoomKey(record.Tenant, record.Room)), Frames.Envelope(record, now, trace));
        }

        return SendAsync(request.Messages.Count > 0 ? ChannelKind.Message : ChannelKind.System, batch);
    }

    /// <summary>One signal of a connection.</summary>
    public Task<ServiceResult<Unit>> SignalAsync(RoomKey room, string id, string sender, string? to, string connection, ReadOnlySpan<byte> data) =>
        SendAsync(ChannelKind.Signal, [(ChannelOf(room), Frames.Envelope(room.Room, id, sender, to, connection, data, Now(), TraceParent()))]);

    /// <summary>Something for every node.</summary>
    public Task<ServiceResult<Unit>> ControlAsync(string name, ReadOnlySpan<byte> payload)
    {
        var header = new Envelope(ChannelKind.Control, LegacyLayout.Epoch, 0, Now(), null, null, null, name, TraceParent(), default);
        return SendAsync(ChannelKind.Control, [(RedisChannel.Literal(ChannelNames.Control), Envelope.Encode(header, payload))]);
    }

    private static RedisChannel ChannelOf(in RoomKey room) => RedisChannel.Literal(LegacyLayout.PublishTo(room));

    /// <summary>Only where somebody records: the header costs every receiver its bytes.</summary>
    private static string? TraceParent() => Activity.Current is { Recorded: true } activity ? activity.Id : null;

    private async Task<ServiceResult<Unit>> SendAsync(ChannelKind kind, (RedisChannel Channel, byte[] Envelope)[] batch)
    {
        var started = time.GetTimestamp();
        try
        {
            var subscriber = redis.GetSubscriber();
            if (batch.Length == 1)
            {
                await subscriber.PublishAsync(batch[0].Channel, batch[0].Envelope);
            }
            else
            {
                await Task.WhenAll(Array.ConvertAll(batch, item => subscriber.PublishAsync(item.Channel, item.Envelope)));
            }

            telemetry.Published(kind, time.GetElapsedTime(started), "ok");
            return default(Unit);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            telemetry.Published(kind, time.GetElapsedTime(started), "failed");
            logger.PublishFailed(batch.Length, exception.Message);
            return new ServiceProblem(
                StatusCodes.Status503ServiceUnavailable, ProblemTypes.BrokerUnavailable, "Broker unavailable", "The broker cannot be reached.", RetryAfter);
        }
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
