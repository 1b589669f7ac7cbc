using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Realtime.Counting;
using ServiceDefaults.Waiting;

namespace Realtime.Channels;

/// <summary>
/// Looks after the channels of rooms on a Redis Cluster: finds those whose subscription was interrupted, makes them stand again, and only then tells their rooms.
/// </summary>
/// <remarks>
/// <para><b>What interrupts.</b> A master dies: its connections end, and its replica takes its slots over, with nobody listening there yet. A slot moves: its old master drops the subscribers (an
/// unasked <c>sunsubscribe</c>, which the client library answers by subscribing anew, without a word), and what is published at the new one meanwhile finds nobody. A replica takes over from a master that lives on
/// (failover by hand, or after it was frozen): nothing ends, the subscribers stay at the old one, which is passed what is published at the new one only once the two know of each other.</para>
/// <para><b>How it is found.</b> A subscription notes where it was acknowledged, how often the connection to that server had been lost, and who had the slot (<see cref="ChannelPlace"/>). A difference in one of the three
/// is an interruption. Looked for at every <see cref="ChannelOptions.ClusterLook"/>, and at once when the library reports a lost or restored connection or a moved slot.</para>
/// <para><b>How it is mended.</b> A channel stands again when it is acknowledged by the master that has its slot. Mostly the library has done it by then, else it is unsubscribed and subscribed anew.
/// One that stands at a living master which has lost the slot according to others is left there for <see cref="Patience"/>: until that master knows it too, events are published there, and it sends its subscribers away as soon as it does.</para>
/// <para><b>Invariant.</b> A room is told after all its channels stand: what is published from then on arrives, and what was missed is older than the word. Tells too often rather than too rarely: a server
/// that has reset and taken back its connection between two looks counts as lost.</para>
/// </remarks>
internal sealed class ClusterWatch : BackgroundService
{
    /// <summary>Longer than masters take to tell each other who has a slot; then it is the old master that is cut off.</summary>
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

    // The loop's own: rooms whose way is interrupted, and since when.
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
                // Before and after: a slot that moves away and back while servers are asked is seen on its way.
                Look();
                await _view.RefreshAsync(stoppingToken);
                Look();
                await MendAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // A bug; without this loop rooms would be interrupted for good, so the next look tries again.
                _logger.LookFailed(exception);
            }

            if (_interrupted.Count == 0)
            {
                backoff.Reset();
            }

            // Many slots that move in a row are worth a look now and then, not one each.
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
            new ParallelOptions { MaxDegreeOfParallelism = _options.FollowConcurrency, CancellationToken = cancellationToken },
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

    /// <summary>True when the channel stands where it belongs.</summary>
    private async Task<bool> MendAsync(ChannelSubscription subscription, long since, CancellationToken cancellationToken)
    {
        var isPatient = _time.GetElapsedTime(since) < Patience;
        var owner = _view.OwnerOf(subscription);
        if (subscription.Queue is not null && _view.Standing(subscription) is { } at)
        {
            // Noted before it is looked at again: a connection that is lost in between makes a difference.
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
