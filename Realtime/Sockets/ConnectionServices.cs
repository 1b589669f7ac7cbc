using Microsoft.Extensions.Options;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Fanout;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;

namespace Realtime.Sockets;

/// <summary>What all connections of a node share.</summary>
internal sealed class ConnectionServices(
    RoomFeeds feeds,
    RoomPublisher publisher,
    UserTokens tokens,
    RevokedSessions revoked,
    SignalQuota signals,
    IOptions<SocketOptions> options,
    IOptions<SlowConsumerOptions> slowConsumer,
    RealtimeTelemetry telemetry,
    TimeProvider time,
    ILogger<ClientConnection> logger)
{
    public RoomFeeds Feeds { get; } = feeds;

    public RoomPublisher Publisher { get; } = publisher;

    public UserTokens Tokens { get; } = tokens;

    public RevokedSessions Revoked { get; } = revoked;

    public SignalQuota Signals { get; } = signals;

    public SocketOptions Options { get; } = options.Value;

    public SlowConsumerOptions SlowConsumer { get; } = slowConsumer.Value;

    public RealtimeTelemetry Telemetry { get; } = telemetry;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    /// <summary>Tells clients and logs which node they are on.</summary>
    public string Node { get; } = $"{Environment.MachineName}-{Guid.NewGuid().ToString("N")[..8]}";
}
