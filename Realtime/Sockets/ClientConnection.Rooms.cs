using Contracts.Frames;
using Contracts.Messages;
using Realtime.Fanout;

namespace Realtime.Sockets;

/// <summary>The rooms of a connection.</summary>
/// <remarks>
/// A place in the table is taken at once, filled when the room has been joined, and freed when it is left; joining takes calls, and both sides may
/// change their mind meanwhile. The one that finishes checks under the lock that its place is still its own.
/// </remarks>
internal sealed partial class ClientConnection
{
    /// <summary>Guards the table and the order of frames about rooms; held for no call that waits.</summary>
    private readonly Lock _roomsGate = new();

    private readonly Dictionary<string, Place> _rooms = new(StringComparer.Ordinal);
    private bool _ended;

    /// <inheritdoc/>
    public void Drop(Subscription subscription, string reason)
    {
        lock (_roomsGate)
        {
            var room = subscription.Feed.Room.Room;
            if (!_rooms.TryGetValue(room, out var place))
            {
                return;
            }

            if (place.Subscription is null)
            {
                // It has just joined, and the client is about to learn of it: that code sees this.
                place.DropReason = reason;
                return;
            }

            if (place.Subscription != subscription)
            {
                return;
            }

            Remove_NeedsLock(room, subscription);
            Reply(new ServerFrame(FrameTypes.Unsubscribed, Room: room, Reason: reason));
        }

        RoomFeeds.Unsubscribe(subscription);
    }

    private async Task JoinAsync(ClientFrame frame, Place place)
    {
        var room = new RoomKey(_identity.Tenant, frame.Room!);
        try
        {
            var result = await _services.Feeds.SubscribeAsync(room, this, frame.After, frame.Order == FrameTypes.OrderClient, _aborted.Token);
            if (Keep(frame, place, result) is { } unwanted)
            {
                RoomFeeds.Unsubscribe(unwanted);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection has ended; its table goes with it.
        }
        catch (Exception exception)
        {
            _services.Logger.ConnectionFailed(ConnectionId, exception);
            Close((int)System.Net.WebSockets.WebSocketCloseStatus.InternalServerError, "Internal error.");
        }
        finally
        {
            _subscribing.Release();
        }
    }

    /// <summary>Fills the place and tells the client; returns the subscription when it is no longer wanted.</summary>
    private Subscription? Keep(ClientFrame frame, Place place, SubscribeResult result)
    {
        lock (_roomsGate)
        {
            var room = frame.Room!;
            if (_ended || !_rooms.TryGetValue(room, out var current) || current != place)
            {
                return result.Subscription;
            }

            if (result.Subscription is not { } subscription)
            {
                _rooms.Remove(room);
                Refuse(frame.Id, result.Code!, result.Detail!, result.RetryAfter, room);
                return null;
            }

            if (place.DropReason is { } reason)
            {
                _rooms.Remove(room);
                Reply(new ServerFrame(FrameTypes.Unsubscribed, frame.Id, room, Reason: reason));
                return subscription;
            }

            place.Subscription = subscription;
            Reply(new ServerFrame(FrameTypes.Subscribed, frame.Id, room, After: subscription.After, Head: subscription.Head, Layout: subscription.Layout));
            _pump.Subscriptions = [.. _pump.Subscriptions, subscription];
            subscription.IsActive = true;

            // It may have changed since the subscription began, and the feed skips a subscription that is not active.
            subscription.Feed.TellLayout(subscription);
        }

        _pump.Schedule();
        return null;
    }

    private void Leave(ClientFrame frame)
    {
        Subscription? subscription;
        lock (_roomsGate)
        {
            var room = frame.Room!;
            if (!_rooms.TryGetValue(room, out var place))
            {
                Refuse(frame.Id, ErrorCodes.NotSubscribed, "There is no such subscription.", room: room);
                return;
            }

            subscription = place.Subscription;
            Remove_NeedsLock(room, subscription);
            Reply(new ServerFrame(FrameTypes.Unsubscribed, frame.Id, room, Reason: UnsubscribeReasons.Requested));
        }

        if (subscription is not null)
        {
            RoomFeeds.Unsubscribe(subscription);
        }
    }

    private void Remove_NeedsLock(string room, Subscription? subscription)
    {
        _rooms.Remove(room);
        if (subscription is not null)
        {
            // Inactive before the client learns of it: no message follows the frame that says so.
            subscription.IsActive = false;
            _pump.Subscriptions = [.. _pump.Subscriptions.Where(other => other != subscription)];
        }
    }

    private void EndRooms()
    {
        List<Subscription> subscriptions;
        lock (_roomsGate)
        {
            _ended = true;
            subscriptions = [.. _rooms.Values.Select(static place => place.Subscription).OfType<Subscription>()];
            _rooms.Clear();
            _pump.Subscriptions = [];
        }

        foreach (var subscription in subscriptions)
        {
            RoomFeeds.Unsubscribe(subscription);
        }
    }

    /// <summary>A room that is being joined (no subscription yet) or has been.</summary>
    private sealed class Place
    {
        public Subscription? Subscription { get; set; }

        /// <summary>Set when the feed dropped the subscription before it was in place.</summary>
        public string? DropReason { get; set; }
    }
}
