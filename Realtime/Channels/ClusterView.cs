using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>
/// What this node knows about the Redis Cluster: the owners of slots, and how often connections were lost. On a single server it knows nothing and
/// asks nothing.
/// </summary>
internal sealed class ClusterView : IDisposable
{
    /// <summary>A server that is frozen must not keep the others' answers waiting.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    private readonly IConnectionMultiplexer _redis;
    private readonly ISubscriber _subscriber;
    private readonly bool _isCluster;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<EndPoint, long> _losses = new();
    private volatile ClusterMap _map = ClusterMap.Empty;

    public ClusterView(IConnectionMultiplexer redis, IOptions<ChannelOptions> options, TimeProvider time)
    {
        _redis = redis;
        _subscriber = redis.GetSubscriber();
        _isCluster = options.Value.Cluster;
        _time = time;
        if (_isCluster)
        {
            redis.ConnectionFailed += OnConnectionFailed;
            redis.ConnectionRestored += OnConnectionRestored;
            redis.HashSlotMoved += OnSlotMoved;
        }
    }

    /// <summary>Something may have changed: worth a look now. Raised on any thread.</summary>
    public event EventHandler? Changed;

    public void Dispose()
    {
        _redis.ConnectionFailed -= OnConnectionFailed;
        _redis.ConnectionRestored -= OnConnectionRestored;
        _redis.HashSlotMoved -= OnSlotMoved;
    }

    /// <summary>
    /// Asks every master that can be reached. The client library learns from the answers too, so it finds a slot's new master without a redirection.
    /// That a replica has become a master, though, it believes only the replica itself: it keeps sending everything to the old master while that
    /// keeps its connection, which a frozen one does.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var servers = _redis.GetServers().Where(static server => server.IsConnected).ToArray();
        var masters = servers.Where(static server => !server.IsReplica).ToArray();
        var views = await AskAsync(masters.Length > 0 ? masters : servers, cancellationToken);
        if (views.Count == 0)
        {
            return;
        }

        var map = ClusterMap.Of(views);
        await AskAsync(servers.Where(server => server.IsReplica && map.IsMaster(server.EndPoint)), cancellationToken);
        _map = map;
    }

    /// <summary>Master of a channel's slot; null: unknown.</summary>
    public EndPoint? OwnerOf(ChannelSubscription subscription) => OwnerOf(subscription.Channel.Name);

    /// <summary>Whether the broker is a cluster; else one server has all channels.</summary>
    public bool IsCluster => _isCluster;

    /// <summary>Masters that have slots; empty: a single server, or not known.</summary>
    public IReadOnlyCollection<EndPoint> Masters => _map.Masters;

    /// <summary>Master of a channel's slot; null: unknown.</summary>
    public EndPoint? OwnerOf(string channel) => _isCluster ? _map.OwnerOf(_redis.HashSlot(channel)) : null;

    /// <summary>Whether the server is a master that has slots.</summary>
    public bool IsMaster(EndPoint server) => _map.IsMaster(server);

    public bool IsConnected(EndPoint server) => _redis.GetServer(server).IsConnected;

    /// <summary>The server of a subscription that was just acknowledged; null without a cluster.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="owner">Who had its slot before it was asked for.</param>
    public ChannelPlace? PlaceOf(ChannelSubscription subscription, EndPoint? owner)
    {
        if (!_isCluster)
        {
            return null;
        }

        var at = _subscriber.SubscribedEndpoint(subscription.Name);
        return new ChannelPlace(at, at is null ? 0 : LossesOf(at), owner);
    }

    /// <summary>Where the library has it subscribed now; null: nowhere.</summary>
    public EndPoint? Standing(ChannelSubscription subscription) => _subscriber.SubscribedEndpoint(subscription.Name);

    /// <summary>Whether the subscription has been in force, at a server that gets what is published, ever since its place was noted.</summary>
    public bool IsWhole(ChannelSubscription subscription)
    {
        if (subscription.Place is not { At: { } at } place || subscription.Queue is null || !at.Equals(Standing(subscription)) || LossesOf(at) != place.Losses)
        {
            return false;
        }

        var owner = OwnerOf(subscription);
        if (place.Owner is null && at.Equals(owner))
        {
            // The first that is known of the slot.
            subscription.Place = place with { Owner = owner };
            return true;
        }

        return owner is null || owner.Equals(place.Owner);
    }

    private long LossesOf(EndPoint server) => _losses.GetValueOrDefault(server);

    private async Task<IReadOnlyList<ClusterConfiguration>> AskAsync(IEnumerable<IServer> servers, CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(servers.Select(server => AskAsync(server, cancellationToken)))).OfType<ClusterConfiguration>()];

    private async Task<ClusterConfiguration?> AskAsync(IServer server, CancellationToken cancellationToken)
    {
        try
        {
            return await server.ClusterNodesAsync().WaitAsync(AnswerLimit, _time, cancellationToken);
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            // Other masters answer, or this one next time.
            return null;
        }
    }

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs args)
    {
        if (args is { ConnectionType: ConnectionType.Subscription, EndPoint: { } server })
        {
            _losses.AddOrUpdate(server, 1, static (_, count) => count + 1);
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }

    private void OnConnectionRestored(object? sender, ConnectionFailedEventArgs args) => Changed?.Invoke(this, EventArgs.Empty);

    private void OnSlotMoved(object? sender, HashSlotMovedEventArgs args) => Changed?.Invoke(this, EventArgs.Empty);
}
