using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Realtime.Counting;
using ServiceDefaults.Waiting;

namespace Realtime.Channels;

/// <summary>
/// Watches the subscriptions of rooms on a Redis Cluster: finds those that were interrupted, restores them, and only then notifies their rooms.
/// </summary>
/// <remarks>
/// <para>
/// <b>What interrupts.</b> A master dies: its connections end, and its replica takes over its slots without subscribers. A slot moves: its old master
/// drops the subscribers (an unsolicited <c>sunsubscribe</c>, after which the client library silently subscribes again), and events published at the
/// new master meanwhile reach nobody. A replica takes over from a master that lives on (manual failover, or after a freeze): no connection ends, the
/// subscribers stay at the old master, and it gets the events of the new one only once the two know of each other.
/// </para>
/// <para>
/// <b>Detection.</b> A subscription notes the server that acknowledged it, how often the connection to that server had been lost, and the slot's
/// owner (<see cref="ChannelPlace"/>). A change in one of the three is an interruption. Checked every <see cref="ChannelOptions.ClusterLook"/>, and
/// at once when the library reports a lost or restored connection or a moved slot.
/// </para>
/// <para>
/// <b>Repair.</b> A subscription is restored when the master that owns the slot has acknowledged it. Mostly the library has done that already, else
/// the channel is unsubscribed and subscribed again. A subscription at a living master which has lost the slot according to others stays there for
/// <see cref="Patience"/>: events are published there until that master learns of its loss, and then it drops its subscribers itself.
/// </para>
/// <para>
/// <b>Invariant.</b> A room is notified after all its channels are subscribed: what is published from then on arrives, and what was missed is older
/// than the notice. Notifies too often rather than too rarely: a server that lost and restored its connection between two checks counts as lost.
/// </para>
/// </remarks>
internal sealed class ClusterWatch : BackgroundService
{
    /// <summary>Longer than masters take to agree who owns a slot; after that the old master must be cut off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Breather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(1);

    private readonly ClusterView _view;
    private readonly RedisRoomChannels _channels;
    private readonly ChannelOptions _options;
    private readonly RealtimeTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Wakeup _changed;

    // Owned by the loop: rooms with interrupted subscriptions, and since when.
    private readonly Dictionary<RoomListener, long> _interrupted = [];

    public ClusterWatch(
        ClusterView view, RedisRoomChannels channels, IOptions<ChannelOptions> options, RealtimeTelemetry telemetry, TimeProvider time, ILogger<ClusterWatch> logger)
    {
        _view = view;
        _channels = channels;
        _options = options.Value;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _changed = new Wakeup(time);
        _view.Changed += OnChanged;
    }

    public override void Dispose()
    {
        _view.Changed -= OnChanged;
        base.Dispose();
        _changed.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Cluster)
        {
            return;
        }

        var backoff = new BackoffTimer(RetryDelay, MaxRetryDelay, _time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Before and after: catches a slot that moves away and back while servers are asked.
                Look();
                await _view.RefreshAsync(stoppingToken);
                Look();
                await MendAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // A bug; without this loop rooms would be interrupted for good, so the next check tries again.
                _logger.LookFailed(exception);
            }

            if (_interrupted.Count == 0)
            {
                backoff.Reset();
            }

            // Many slots that move in a row are worth a check now and then, not one each.
            await Task.Delay(Breather, _time, stoppingToken);
            await _changed.WaitAsync(_interrupted.Count == 0 ? _options.ClusterLook : backoff.Next(), stoppingToken);
        }
    }

    private void Look()
    {
        var before = _interrupted.Count;
        foreach (var listener in _channels.Listeners)
        {
            if (!_interrupted.ContainsKey(listener) && !IsWhole(listener))
            {
                _interrupted.Add(listener, _time.GetTimestamp());
                listener.OnInterrupted();
            }
        }

        if (_interrupted.Count > before)
        {
            _logger.RoomsInterrupted(_interrupted.Count - before);
        }
    }

    private bool IsWhole(RoomListener listener)
    {
        foreach (var subscription in listener.Subscriptions)
        {
            if (!_view.IsWhole(subscription))
            {
                return false;
            }
        }

        return true;
    }

    private async Task MendAsync(CancellationToken cancellationToken)
    {
        if (_interrupted.Count == 0)
        {
            return;
        }

        var mended = new ConcurrentBag<RoomListener>();
        await Parallel.ForEachAsync(
            _interrupted,
            new ParallelOptions { MaxDegreeOfParallelism = RedisRoomChannels.FollowConcurrency, CancellationToken = cancellationToken },
            async (pair, token) =>
            {
                var (listener, since) = pair;
                if (await listener.MendAsync(subscription => MendAsync(subscription, since, token), token))
                {
                    mended.Add(listener);
                }
            });
        foreach (var listener in mended)
        {
            _interrupted.Remove(listener);
        }

        if (!mended.IsEmpty)
        {
            _telemetry.RoomsInterrupted(mended.Count);
            _logger.RoomsMended(mended.Count, _interrupted.Count);
        }
    }

    /// <summary>True when the master that owns the slot has the subscription.</summary>
    private async Task<bool> MendAsync(ChannelSubscription subscription, long since, CancellationToken cancellationToken)
    {
        var isPatient = _time.GetElapsedTime(since) < Patience;
        var owner = _view.OwnerOf(subscription);
        if (subscription.Queue is not null && _view.Standing(subscription) is { } at)
        {
            // Noted before the check: a connection that is lost in between shows as a difference.
            var place = _view.PlaceOf(subscription, owner);
            if (at.Equals(owner) && at.Equals(place?.At))
            {
                subscription.Place = place;
                return true;
            }

            if (isPatient && (owner is null || _view.IsMaster(at)))
            {
                return false;
            }
        }

        if (owner is null ? isPatient : !_view.IsConnected(owner))
        {
            return false;
        }

        try
        {
            await _channels.RenewAsync(subscription, cancellationToken);

            // At the master, or, where that could not be reached, at a server that is passed what is published there.
            return subscription.Place?.At is { } now && (now.Equals(owner) || !isPatient || !_view.IsMaster(now));
        }
        catch (Exception exception) when (exception.IsOfBroker())
        {
            _logger.RenewFailed(subscription.Channel.Name, exception.Message);
            return false;
        }
    }

    private void OnChanged(object? sender, EventArgs args) => _changed.Ring();
}
