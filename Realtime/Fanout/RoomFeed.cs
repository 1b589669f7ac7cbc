using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;
using Realtime.Channels;
using Realtime.Wire;

namespace Realtime.Fanout;

/// <summary>
/// Everything that one node knows about one room with local subscribers: makes of a lossy, unordered stream of envelopes the room's seqs, each once,
/// in order.
/// </summary>
/// <remarks>
/// <para>
/// <b>Phases.</b> Joining: the channels are being subscribed to; then, and only then, the head is read from dbman, so that every message is either at
/// or below that head, or arrives. What arrives meanwhile waits. Live: the head moves on. Closed: nobody listens; a later subscriber gets a new feed.
/// A feed without users lingers for a while before it closes; a subscriber that comes back in time cancels that by being counted under the same lock.
/// </para>
/// <para>
/// <b>A message</b> at or below the head, or held already, is a duplicate. The one behind the head is released into the ring, with all held ones that
/// follow it. A later one is held, within bounds, and starts the reorder window; when that ends and the hole is still the same, it is fetched from
/// dbman. One beyond the bounds is dropped, but its seq is remembered, so that it is fetched too.
/// </para>
/// <para>
/// <b>The tail.</b> A lost message that nothing follows leaves no hole. The tail check compares heads with dbman; a higher one is treated as an
/// announced message that did not come.
/// </para>
/// <para>
/// <b>Invariants.</b> Ring.Head never falls, and grows by one message at a time. Highest is never below Ring.Head, and when it is above, a window or
/// a repair is under way. Every released or held message is in the arrival log exactly once, and not before Highest has reached its seq. The lock is
/// never held across a call that waits.
/// </para>
/// <para><b>Crashes.</b> A feed holds nothing that dbman does not have: a node that dies loses its subscribers' cursors, and these come back with
/// their last seq.</para>
/// </remarks>
internal sealed partial class RoomFeed : IRoomSink, IAsyncDisposable
{
    /// <summary>Arrivals before the head is known; what does not fit is found as a hole afterwards.</summary>
    private const int MaxEarly = 256;

    /// <summary>Ids of signals and system events that a room remembers, to drop second copies: these come within seconds of the first.</summary>
    private const int RecentEvents = 1_024;

    private readonly FeedServices _services;
    private readonly FanoutOptions _options;
    private readonly HistoryPages _history;
    private readonly FlushScheduler _flush;
    private readonly RecentIds _recent;
    private readonly ITimer _gapTimer;
    private readonly ITimer _lingerTimer;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _live = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Guards everything below; never held across a call that waits.</summary>
    private readonly Lock _gate = new();

    private FeedPhase _phase = FeedPhase.Joining;
    private List<WireFrame>? _early = [];
    private WireFrame?[]? _held;
    private int _heldCount;
    private long _heldBytes;
    private long _highest;
    private int _users;

    // Set by the room's channels, cleared by the tail check.
    private bool _isDoubted;

    // Set with the message, taken before the round is asked for: a round too many is harmless, one too few is not.
    private volatile bool _unflushed;

    // Replaced as a whole under the lock; the flush reads it without.
    private volatile Subscription[] _subscriptions = [];

    public RoomFeed(RoomKey room, FeedServices services)
    {
        Room = room;
        _services = services;
        _options = services.Options;
        Ring = new FrameRing(byArrival: false, _options.RingFrames, _options.RingBytes);
        Arrivals = new FrameRing(byArrival: true, _options.RingFrames, _options.RingBytes);
        _history = new HistoryPages(room, services.Store, services.HistoryGate, _options, services.Time, services.Telemetry, services.Logger, _closed.Token);
        _flush = new FlushScheduler(() => _subscriptions, _options.FlushInterval, services.Time);
        _recent = new RecentIds(RecentEvents);
        _gapTimer = services.Time.CreateTimer(static state => ((RoomFeed)state!).OnGapTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _lingerTimer = services.Time.CreateTimer(static state => ((RoomFeed)state!).OnLingerTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public RoomKey Room { get; }

    /// <summary>Released messages by seq.</summary>
    public FrameRing Ring { get; }

    /// <summary>Messages by arrival, early ones too.</summary>
    public FrameRing Arrivals { get; }

    /// <summary>Highest seq that is known to exist.</summary>
    public long Highest => Volatile.Read(ref _highest);

    /// <summary>Completes when the feed is live; fails when it closed before.</summary>
    public Task Live => _live.Task;

    public bool IsLive => _live.Task.IsCompletedSuccessfully;

    /// <summary>Whether messages may have been missed since the head was last compared with dbman's.</summary>
    public bool IsDoubted
    {
        get => Volatile.Read(ref _isDoubted);
        set => Volatile.Write(ref _isDoubted, value);
    }

    /// <summary>Distinct local subscriptions; any thread.</summary>
    public int SubscriptionCount => _subscriptions.Length;

    /// <inheritdoc/>
    public void Deliver(in Envelope envelope)
    {
        switch (envelope.Kind)
        {
            case ChannelKind.Message:
                var frame = Frames.Frame(envelope);
                lock (_gate)
                {
                    OnMessage_NeedsLock(frame);
                }

                break;
            case ChannelKind.Signal:
                OnSignal(envelope);
                break;
            case ChannelKind.System:
                OnSystem(envelope);
                break;
            default:
                _services.Telemetry.EnvelopeSkipped("misplaced");
                break;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (_unflushed)
        {
            _unflushed = false;
            _flush.Request();
        }
    }

    private void OnMessage_NeedsLock(WireFrame frame)
    {
        var head = Ring.Head;
        if (_phase != FeedPhase.Live)
        {
            if (_phase == FeedPhase.Joining)
            {
                _highest = Math.Max(_highest, frame.Seq);
                if (_early!.Count < MaxEarly)
                {
                    _early.Add(frame);
                }
            }

            return;
        }

        if (frame.Seq <= head)
        {
            _services.Telemetry.Duplicates.Add();
            return;
        }

        if (frame.Seq > _highest)
        {
            Volatile.Write(ref _highest, frame.Seq);
        }

        if (frame.Seq == head + 1)
        {
            Arrive_NeedsLock(frame);
            Ring.Add(frame);
            ReleaseHeld_NeedsLock();
        }
        else
        {
            Hold_NeedsLock(frame);
        }

        if (_highest > Ring.Head)
        {
            ArmGap_NeedsLock();
        }
    }

    private void Hold_NeedsLock(WireFrame frame)
    {
        _held ??= new WireFrame?[_options.HoldBackFrames];
        if (frame.Seq > Ring.Head + _held.Length || _heldBytes + frame.Length > _options.HoldBackBytes)
        {
            _services.Telemetry.Dropped("hold-back");
            return;
        }

        ref var slot = ref _held[frame.Seq & (_held.Length - 1)];
        if (slot is not null)
        {
            // The same seq: others that share the slot are out of bounds.
            _services.Telemetry.Duplicates.Add();
            return;
        }

        slot = frame;
        _heldCount++;
        _heldBytes += frame.Length;
        Arrive_NeedsLock(frame);
    }

    private void ReleaseHeld_NeedsLock()
    {
        while (TakeHeld(Ring.Head + 1) is { } next)
        {
            Ring.Add(next);
        }
    }

    private WireFrame? TakeHeld(long seq)
    {
        if (_heldCount == 0)
        {
            return null;
        }

        ref var slot = ref _held![seq & (_held.Length - 1)];
        if (slot is not { } frame || frame.Seq != seq)
        {
            return null;
        }

        slot = null;
        _heldBytes -= frame.Length;
        if (--_heldCount == 0)
        {
            // Holes are rare: a room in good health keeps no table for them.
            _held = null;
        }

        return frame;
    }

    private void Arrive_NeedsLock(WireFrame frame)
    {
        frame.Arrival = Arrivals.Head + 1;
        Arrivals.Add(frame);
        _unflushed = true;
    }

    private void OnSignal(in Envelope envelope)
    {
        if (!IsNew(envelope.Id))
        {
            return;
        }

        var frame = Frames.Frame(envelope);
        foreach (var subscription in _subscriptions)
        {
            var subscriber = subscription.Subscriber;
            if (subscription.IsActive
                && (envelope.User is null || envelope.User == subscriber.User)
                && envelope.Connection != subscriber.ConnectionId)
            {
                subscriber.EnqueueSignal(frame);
            }
        }
    }

    private void OnSystem(in Envelope envelope)
    {
        if (!IsNew(envelope.Id))
        {
            return;
        }

        var frame = Frames.Frame(envelope);
        foreach (var subscription in _subscriptions)
        {
            if (subscription.IsActive)
            {
                subscription.Subscriber.Enqueue(frame);
            }
        }

        switch (envelope.Event)
        {
            case SystemEvents.MemberLeft or SystemEvents.MemberRemoved when envelope.User is { } user:
                ForgetMember(user);
                DropUser(user);
                break;
            case SystemEvents.RoomDeleted:
                ForgetMembers();
                DropAll(UnsubscribeReasons.RoomDeleted);
                break;
        }
    }

    /// <inheritdoc/>
    public void Interrupted()
    {
        // Messages are repaired; what is not stored may be lost, and only its receivers can know whether that matters.
        IsDoubted = true;
        _services.HeadsDoubted.Ring();
        var frame = Frames.Frame(new ServerFrame(
            FrameTypes.System, Ids.New(_services.Time), Room.Room, Event: SystemEvents.StreamInterrupted, At: _services.Time.GetUtcNow()));
        foreach (var subscription in _subscriptions)
        {
            if (subscription.IsActive)
            {
                subscription.Subscriber.Enqueue(frame);
            }
        }
    }

    private bool IsNew(string? id)
    {
        lock (_gate)
        {
            if (id is null || _recent.Add(id))
            {
                return true;
            }
        }

        _services.Telemetry.Duplicates.Add();
        return false;
    }
}

internal enum FeedPhase
{
    Joining,
    Live,
    Closed,
}
