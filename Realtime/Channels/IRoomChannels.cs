using Contracts.Frames;
using Contracts.Messages;
using Realtime.Wire;

namespace Realtime.Channels;

/// <summary>Listens to a room, whichever channels its layout has.</summary>
internal interface IRoomChannels
{
    /// <summary>
    /// Completes when the broker has acknowledged the subscription to every channel of the room: what is published from then on reaches
    /// <paramref name="sink"/>, unless the broker loses it. Throws when the broker cannot be reached. Disposing ends exactly this subscription, never
    /// a newer one of the same room.
    /// </summary>
    Task<IAsyncDisposable> SubscribeAsync(RoomKey room, IRoomSink sink, CancellationToken cancellationToken);

    /// <summary>
    /// Raised when a connection to the broker is back: what could not be subscribed to may be tried again. Rooms that may have missed something
    /// are notified by <see cref="IRoomSink.Interrupted"/>.
    /// </summary>
    event EventHandler? Restored;
}

/// <summary>Brings all rooms' channels to what <see cref="ChannelLayouts.Listening"/> says.</summary>
internal interface IChannelFollower
{
    /// <summary>Rooms that still have to be brought there.</summary>
    int Following { get; }

    /// <summary>Completes when every room listens to all channels that it needs, acknowledged by the broker. Tries until it is cancelled.</summary>
    Task FollowAsync(CancellationToken cancellationToken);

    /// <summary>Leaves channels that have not been needed for long enough.</summary>
    Task SweepAsync(CancellationToken cancellationToken);
}

/// <summary>Takes what arrives on one channel, one call at a time, in its order.</summary>
internal interface IChannelSink
{
    /// <summary>One event. Must not block.</summary>
    void Deliver(in Envelope envelope);

    /// <summary>No further event is at hand: pass on what came.</summary>
    void Flush();
}

/// <summary>Takes what arrives for one room, from all of its channels.</summary>
internal interface IRoomSink : IChannelSink
{
    /// <summary>
    /// The room listens to all channels of this layout, acknowledged by the broker. Called before subscribing has completed, and again after each
    /// change, one call at a time; the layout may be the same as before. Must not block.
    /// </summary>
    void Listens(RoomLayout layout);

    /// <summary>
    /// The room's subscriptions were interrupted and are all restored: anything may have been missed in between. Must not
    /// block.
    /// </summary>
    void Interrupted();
}
