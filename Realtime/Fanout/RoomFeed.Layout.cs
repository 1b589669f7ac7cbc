using Contracts.Frames;
using Realtime.Wire;

namespace Realtime.Fanout;

/// <summary>
/// The layout that the room listens by, and which subscribers know it. Costs a delivery nothing: it is sent with the subscription, and when it
/// changes.
/// </summary>
internal sealed partial class RoomFeed
{
    /// <summary>
    /// Guards what was sent to subscriptions, so that each gets every change once and in order; frames are queued under it, which does not wait.
    /// </summary>
    private readonly Lock _layoutGate = new();

    // Written under that lock; read without it where a subscription begins.
    private volatile RoomLayout? _layout;
    private WireFrame? _layoutFrame;

    /// <summary>What the room is listened to by; null: the channels have not said.</summary>
    public RoomLayout? Layout => _layout;

    /// <inheritdoc/>
    public void Listens(RoomLayout layout)
    {
        lock (_layoutGate)
        {
            if (layout.IsSameAs(_layout))
            {
                return;
            }

            _layoutFrame = Frames.Frame(new ServerFrame(FrameTypes.Layout, Room: Room.Room, Layout: layout));
            _layout = layout;
            foreach (var subscription in _subscriptions)
            {
                TellLayout_NeedsLock(subscription);
            }
        }
    }

    /// <summary>Tells a subscription that has just become active what has changed since it began.</summary>
    public void TellLayout(Subscription subscription)
    {
        lock (_layoutGate)
        {
            TellLayout_NeedsLock(subscription);
        }
    }

    private void TellLayout_NeedsLock(Subscription subscription)
    {
        if (subscription.IsActive && _layout is { } layout && subscription.Layout != layout)
        {
            subscription.Layout = layout;
            subscription.Subscriber.Enqueue(_layoutFrame!);
        }
    }
}
