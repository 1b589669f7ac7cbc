using System.Diagnostics.CodeAnalysis;
using Contracts.Frames;
using Realtime.Wire;

namespace Realtime.Fanout;

/// <summary>
/// One connection's place in one room: a cursor, not a queue. A delivery only moves the feed's ring; each subscription reads on from where it is, at
/// the pace at which its socket takes it.
/// </summary>
/// <remarks>
/// <para>Ordered by the server: the cursor walks the seqs up to the feed's head. What has left the ring comes from history, a page at a time.</para>
/// <para>
/// Ordered by the client: the cursor walks the arrivals, and a window remembers which seqs were sent. When the arrivals have run away (or a seq lies
/// beyond the window), it takes every seq up to the highest that is known by then from ring and history, skips what it has sent, and goes on with the
/// arrivals after that moment. All those seqs are in history, since a room's seqs are committed in order.
/// </para>
/// <para>Everything but <see cref="IsActive"/> and the fetch is touched by the connection's pump only, which runs on one thread at a time.</para>
/// </remarks>
internal sealed class Subscription
{
    private readonly RoomFeed _feed;
    private readonly SeqWindow? _window;
    private readonly long _startLag;
    private FramePage? _page;
    private long _cursor;
    private long _arrival;
    private long _target;

    // Set by the pump, cleared by the fetch when the page is in place.
    private volatile bool _fetching;

    // Set by the connection once the client knows of it, cleared when it ends; read by the pump.
    private volatile bool _active;

    public Subscription(RoomFeed feed, ISubscriber subscriber, long after, long head, bool orderedByClient)
    {
        _feed = feed;
        Subscriber = subscriber;
        Head = head;
        After = after;
        _cursor = after;
        _startLag = Math.Max(0, head - after);
        if (orderedByClient)
        {
            _window = new SeqWindow(after);
            _target = head;
            _arrival = feed.Arrivals.Head;
        }
    }

    public RoomFeed Feed => _feed;

    public ISubscriber Subscriber { get; }

    /// <summary>The stream starts behind this seq.</summary>
    public long After { get; }

    /// <summary>Highest seq that was known at the start.</summary>
    public long Head { get; }

    /// <summary>
    /// The room's layout that the client last got, or is about to get with the subscription. Written by the feed, under its lock for that.
    /// </summary>
    public RoomLayout? Layout { get; set; }

    public bool IsActive
    {
        get => _active;
        set => _active = value;
    }

    /// <summary>How far this subscription has fallen behind since it started; what it had to catch up from the start does not count. Any thread,
    /// approximate.</summary>
    public long Lag => Math.Max(0, _feed.Ring.Head - (_window?.Watermark ?? Volatile.Read(ref _cursor)) - _startLag);

    /// <summary>The next frame, if there is one at hand that is no longer than <paramref name="room"/>.</summary>
    public bool TryNext(int room, [NotNullWhen(true)] out WireFrame? frame)
    {
        frame = null;
        if (!_active || _fetching)
        {
            return false;
        }

        return _window is null ? TryNextInOrder(room, out frame) : TryNextByArrival(_window, room, out frame);
    }

    private bool TryNextInOrder(int room, [NotNullWhen(true)] out WireFrame? frame)
    {
        frame = null;
        var seq = _cursor + 1;
        if (seq > _feed.Ring.Head)
        {
            _page = null;
            return false;
        }

        frame = Find(seq);
        if (frame is null || frame.Length > room)
        {
            frame = null;
            return false;
        }

        _cursor = seq;
        return true;
    }

    private bool TryNextByArrival(SeqWindow window, int room, [NotNullWhen(true)] out WireFrame? frame)
    {
        while (true)
        {
            if (_cursor < _target)
            {
                frame = Find(_cursor + 1);
                if (frame is null || frame.Length > room)
                {
                    frame = null;
                    return false;
                }

                _cursor++;
                if (window.Mark(frame.Seq) == SeqMark.New)
                {
                    return true;
                }

                continue;
            }

            _page = null;
            frame = _feed.Arrivals.TryGet(_arrival + 1);
            if (frame is null)
            {
                if (_arrival >= _feed.Arrivals.Head)
                {
                    return false;
                }

                CatchUp(window);
                continue;
            }

            if (frame.Length > room)
            {
                frame = null;
                return false;
            }

            switch (window.Mark(frame.Seq))
            {
                case SeqMark.New:
                    _arrival++;
                    return true;
                case SeqMark.Seen:
                    _arrival++;
                    break;
                default:
                    CatchUp(window);
                    break;
            }
        }
    }

    /// <summary>Arrivals first: whatever has arrived by then is not above the highest seq that is read after it.</summary>
    private void CatchUp(SeqWindow window)
    {
        _arrival = _feed.Arrivals.Head;
        _target = _feed.Highest;
        _cursor = window.Watermark;
    }

    private WireFrame? Find(long seq)
    {
        if ((_feed.Ring.TryGet(seq) ?? _page?.TryGet(seq)) is { } frame)
        {
            return frame;
        }

        _fetching = true;
        _ = FetchAsync(seq);
        return null;
    }

    private async Task FetchAsync(long seq)
    {
        try
        {
            var page = await _feed.GetPageAsync(seq);
            if (page.TryGet(seq) is null)
            {
                await LookAgainLaterAsync(seq);
            }

            _page = page;
        }
        catch (OperationCanceledException)
        {
            // The feed has closed, and with it this subscription.
            return;
        }

        _fetching = false;
        Subscriber.Schedule();
    }

    /// <summary>History does not have the seq. Nothing that was committed can be missing, so what was announced was never stored, or dbman was
    /// restored to an older state.</summary>
    private async Task LookAgainLaterAsync(long seq)
    {
        if (_window is not null)
        {
            // The pump pauses until the fetch is over, so this is the only writer.
            _target = seq - 1;
        }

        await _feed.WaitBeforeRetryAsync();
    }
}
