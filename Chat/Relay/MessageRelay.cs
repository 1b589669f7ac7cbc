using Contracts.Messages;
using Microsoft.Extensions.Options;

namespace Chat.Relay;

/// <summary>
/// Takes messages from their commit to Realtime, without making the sender wait for it.
/// </summary>
/// <remarks>
/// Protocol. (1) Dbman commits a message and gives it its seq. (2) The sender gets its answer, and <see cref="Enqueue"/> puts the message into the lane of its room. (3) The lane
/// publishes it, together with what gathered meanwhile. (4) <see cref="RelayedRanges"/> learns its seq, and <see cref="RelayMarker"/> reports it to Dbman, whose
/// position of the room (relayed_seq) moves over ranges that touch it and never past a message that nobody published.
/// Crash cases. Between 1 and 2, 2 and 3, or with a full lane: the position stays in front of the message, and after the grace time the <see cref="Sweeper"/> of
/// any replica publishes it. Between 3 and 4: it is published twice, which receivers do not notice (they know seqs).
/// Invariants. Nothing is reported that was not published. A full lane never makes a sender wait or fail. Messages of a room go through one lane, and a batch is sorted by
/// seq: concurrent posts may enqueue in another order than they committed in.
/// </remarks>
internal sealed class MessageRelay(MessageLane[] lanes, IOptions<RelayOptions> options, TimeProvider time) : Relay<QueuedMessage>(lanes, options.Value, time)
{
    private readonly MessageLane[] _lanes = lanes;

    /// <summary>Hands over a committed message. Never waits; when there is no room the message is left to the sweeper.</summary>
    public void Enqueue(MessageRecord message)
    {
        // Within this process only, so the runtime's own hash does.
        var hash = (uint)HashCode.Combine(message.Tenant, message.Room);
        _lanes[hash % (uint)_lanes.Length].Enqueue(message);
    }
}
