using System.IO.Hashing;
using Contracts.Layouts;
using Realtime.Counting;
using Realtime.Wire;

namespace Realtime.Channels;

/// <summary>
/// Pairs the copies of one room's events: whichever comes first waits for the other. Events of which only one copy can have arrived, because the
/// probe or the broker's connection is younger than they are, say nothing and are dropped.
/// </summary>
internal sealed class ParityProbe(ShadowParity parity, LayoutScope scope, ShadowOptions options, TimeProvider time)
{
    /// <summary>Most events of a room that wait for their second copy; past it they are not compared, and counted as skipped.</summary>
    private const int MaxPending = 4_096;

    private readonly Lock _gate = new();
    private readonly Dictionary<EventKey, Waiting> _waiting = [];
    private readonly Queue<(EventKey Key, long Since)> _order = new();
    private long _armedAt = time.GetTimestamp();

    /// <summary>Whose layout the room has: a comparison counts for that one.</summary>
    public LayoutScope Scope => scope;

    /// <summary>One copy, from either side.</summary>
    public void Seen(in Envelope envelope, bool isShard)
    {
        var key = new EventKey(envelope.Kind, envelope.Kind == ChannelKind.Message ? envelope.Seq : 0, envelope.Id);
        var hash = XxHash3.HashToUInt64(envelope.Frame);
        var now = time.GetTimestamp();
        lock (_gate)
        {
            Expire_NeedsLock(now);
            if (_waiting.TryGetValue(key, out var first) && first.IsShard != isShard)
            {
                _waiting.Remove(key);
                parity.Add(first.Hash == hash ? ParityResult.Match : ParityResult.Payload, scope);
                parity.Delay(time.GetElapsedTime(first.Since, now));
            }
            else if (_waiting.Count >= MaxPending)
            {
                parity.Add(ParityResult.Skipped, scope);
            }
            else if (_waiting.TryAdd(key, new Waiting(isShard, hash, now)))
            {
                _order.Enqueue((key, now));
            }
        }
    }

    /// <summary>Counts events that have waited too long; for rooms that have gone quiet.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            Expire_NeedsLock(time.GetTimestamp());
        }
    }

    /// <summary>Anything may have been missed on either side: what waits is dropped, and so is what came within a window from now.</summary>
    public void Rearm()
    {
        lock (_gate)
        {
            _armedAt = time.GetTimestamp();
            _waiting.Clear();
            _order.Clear();
        }
    }

    private void Expire_NeedsLock(long now)
    {
        while (_order.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since, now) >= options.Window)
        {
            _order.Dequeue();

            // Its second copy may have come, and the same key may be waiting again.
            if (!_waiting.TryGetValue(oldest.Key, out var waiting) || waiting.Since != oldest.Since)
            {
                continue;
            }

            _waiting.Remove(oldest.Key);
            if (time.GetElapsedTime(_armedAt, oldest.Since) >= options.Window)
            {
                parity.Add(waiting.IsShard ? ParityResult.Extra : ParityResult.Missing, scope);
            }
        }
    }

    private readonly record struct EventKey(ChannelKind Kind, long Seq, string? Id);

    private readonly record struct Waiting(bool IsShard, ulong Hash, long Since);
}
