using Contracts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Fanout;
using Realtime.Node;
using Realtime.Publish;
using Realtime.Sockets;
using ServiceDefaults;
using ServiceDefaults.Drain;
using ServiceDefaults.Health;
using ServiceDefaults.Telemetry;
using StackExchange.Redis;

namespace Realtime;

/// <summary>Composes the service; Program.cs and the tests that host nodes call the same two methods.</summary>
internal static class RealtimeService
{
    public static void AddRealtime(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<FanoutOptions>(FanoutOptions.Section);
        builder.AddValidatedOptions<SocketOptions>(SocketOptions.Section);
        builder.AddValidatedOptions<SignalOptions>(SignalOptions.Section);
        builder.AddValidatedOptions<SlowConsumerOptions>(SlowConsumerOptions.Section);
        builder.AddValidatedOptions<PublishOptions>(PublishOptions.Section);
        builder.AddValidatedOptions<ChannelOptions>(ChannelOptions.Section);
        builder.AddValidatedOptions<ShadowOptions>(ShadowOptions.Section);
        builder.AddValidatedOptions<ControlPlaneOptions>(ControlPlaneOptions.Section);
        builder.AddValidatedOptions<CountingOptions>(CountingOptions.Section);
        builder.AddRedisClient(ServiceNames.Redis, static settings => settings.DisableTracing = true, ConfigureRedis);

        builder.AddTelemetry(RealtimeTelemetry.Name);

        var services = builder.Services;
        services.Configure<SocketTransportOptions>(DirectWrites.Configure);

        // The hub counts the connections and answers the one too many with a reason; the server would cut it off.
        services.PostConfigure<KestrelServerOptions>(static kestrel => kestrel.Limits.MaxConcurrentUpgradedConnections = null);
        services.AddSingleton<RealtimeTelemetry>();
        services.AddSingleton<BrokerWriter>();
        services.AddSingleton<RoomPublisher>();
        services.AddSingleton<PublishGate>();
        services.AddSingleton<NodeLease>();
        services.AddSingleton<LayoutNews>();
        services.AddSingleton<ChannelLayouts>();
        services.AddSingleton<ShadowParity>();
        services.AddSingleton<NodeCounters>();
        services.AddSingleton<HotRoomCounter>();
        services.AddSingleton<DriverReport>();
        services.AddSingleton<NodeFiguresSource>();
        services.AddSingleton<FigureReporter>();
        services.AddSingleton<ClusterView>();
        services.AddSingleton<RedisRoomChannels>();
        services.AddHealthChecks().AddCheck<LeaseHealthCheck>("layouts", tags: [HealthTags.Ready]);
        services.AddSingleton<IRoomChannels>(static provider => provider.GetRequiredService<RedisRoomChannels>());
        services.AddSingleton<IChannelFollower>(static provider => provider.GetRequiredService<RedisRoomChannels>());
        services.TryAddSingleton<ILayoutPlane, DbmanLayoutPlane>();
        services.AddSingleton<NodeAgent>();
        services.AddHostedService(static provider => provider.GetRequiredService<NodeAgent>());
        services.TryAddSingleton<IRoomStore, DbmanRoomStore>();
        services.AddSingleton<FeedServices>();
        services.AddSingleton<RoomFeeds>();
        services.AddSingleton<SocketHub>();
        services.AddSingleton<SignalQuota>();
        services.AddSingleton<ConnectionServices>();
        services.AddSingleton<DirectWrites>();
        services.AddSingleton<SocketEndpoint>();
        services.AddSingleton<IDrainParticipant, SocketDrain>();
        services.AddHostedService<SocketSweep>();
        services.AddHostedService<TailCheck>();
        services.AddHostedService<ClusterWatch>();
        services.AddHostedService<MembershipCheck>();
        services.AddHostedService<ControlListener>();
        services.AddHostedService<BrokerClose>();
    }

    public static void MapRealtime(this WebApplication app)
    {
        var hub = app.Services.GetRequiredService<SocketHub>();
        var feeds = app.Services.GetRequiredService<RoomFeeds>();
        var channels = app.Services.GetRequiredService<RedisRoomChannels>();
        var layouts = app.Services.GetRequiredService<ChannelLayouts>();
        app.Services.GetRequiredService<RealtimeTelemetry>().ObserveNode(
            () => hub.Count, () => feeds.CountSubscriptions(room => LayoutNames.OfFamily(layouts.Listening.RoutesOf(room).Listen)), () => feeds.Count, () => channels.Counts);
        SocketEndpoint.Map(app);
        PublishEndpoints.Map(app);
    }

    private static void ConfigureRedis(ConfigurationOptions options)
    {
        // A command while Redis is away fails at once: callers are asked to retry, feeds retry by themselves.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AbortOnConnectFail = false;

        // For CLUSTER NODES and INFO, which the library counts among the administrator's commands.
        options.AllowAdmin = true;

        // Pub/sub on a connection of its own: deliveries never wait behind the answers of publishes.
        options.Protocol = RedisProtocol.Resp2;
    }
}
