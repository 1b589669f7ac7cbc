using System.Text.Json;
using Contracts;
using Contracts.Publish;
using Contracts.Sessions;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Wire;
using ServiceDefaults.Identity.Revocations;
using StackExchange.Redis;

namespace Realtime.Sockets;

/// <summary>
/// Acts on what nodes tell each other. A lost event does no harm: each node also learns of ended sessions from dbman. From
/// whichever source comes first, it closes their connections.
/// </summary>
internal sealed class ControlListener(
    IConnectionMultiplexer redis, SocketHub hub, RevokedSessions revoked, LayoutNews news, RealtimeTelemetry telemetry, TimeProvider time, ILogger<ControlListener> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        revoked.Added += Close;
        try
        {
            var queue = await SubscribeAsync(stoppingToken);
            await foreach (var message in queue.WithCancellation(stoppingToken))
            {
                Handle((byte[]?)message.Message);
            }
        }
        finally
        {
            revoked.Added -= Close;
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await redis.SubscribeOrForgetAsync(RedisChannel.Literal(ChannelNames.Control));
            }
            catch (Exception exception) when (exception.IsOfBroker())
            {
                logger.ControlFailed(exception.Message);
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    private void Handle(byte[]? data)
    {
        var status = Envelope.TryDecode(data, out var envelope);
        if (status != DecodeStatus.Ok || envelope.Kind != ChannelKind.Control)
        {
            telemetry.EnvelopeSkipped(status.ToString());
            logger.EnvelopeSkipped(RealtimeTelemetry.Text(ChannelKind.Control), status.ToString());
            return;
        }

        // Names that this version does not know are for newer nodes.
        switch (envelope.Event)
        {
            case ControlEvents.SessionRevoked:
                Revoke(envelope.Frame);
                break;
            case ControlEvents.LayoutChanged:
                news.OnLayoutChanged();
                break;
            case ControlEvents.GoalsChanged:
                news.OnGoalsChanged();
                break;
        }
    }

    private void Revoke(ReadOnlySpan<byte> payload)
    {
        SessionRevokedRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(payload, ContractsJsonContext.Default.SessionRevokedRequest);
        }
        catch (JsonException)
        {
            telemetry.EnvelopeSkipped(nameof(DecodeStatus.Malformed));
            logger.EnvelopeSkipped(ChannelNames.Control, nameof(DecodeStatus.Malformed));
            return;
        }

        if (request is not null)
        {
            var now = time.GetUtcNow();
            revoked.Add([.. request.SessionIds.Select(session => new RevokedSession(request.Tenant, request.UserId, session, now))]);
        }
    }

    private void Close(IReadOnlyList<RevokedSession> sessions)
    {
        var ended = sessions.Select(static session => (session.Tenant, session.Id)).ToHashSet();
        foreach (var connection in hub.Connections)
        {
            if (ended.Contains((connection.Identity.Tenant, connection.Identity.Session)))
            {
                connection.Close(CloseCodes.SessionRevoked, "The session was revoked.");
            }
        }
    }
}
