using Contracts.Publish;
using Microsoft.Extensions.Options;

namespace Chat.Relay;

/// <summary>
/// Publishes system events (joins, leaves, roles). They are ephemeral: sent with bounded retry and not stored, so what cannot be sent is lost, counted and logged.
/// They have a queue of their own, so that a jam of messages does not keep a removal from taking effect.
/// </summary>
internal sealed class SystemEventRelay(SystemEventLane lane, IOptions<RelayOptions> options, TimeProvider time) : Relay<SystemEventRecord>([lane], options.Value, time)
{
    /// <summary>Hands over an event. Never waits; when there is no room the event is lost.</summary>
    public void Enqueue(SystemEventRecord record) => lane.Enqueue(record);
}
