using Contracts.Frames;
using Contracts.Messages;
using Contracts.Results;
using Realtime.Channels;
using Realtime.Fanout;
using Realtime.Wire;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>What is broken in a node, after everything that could detect or repair it.</summary>
public enum Sabotage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A message never comes, and history does not have it.</summary>
    MessageLost,

    /// <summary>A message comes in place of the one that follows it, too.</summary>
    MessageDoubled,

    /// <summary>Two messages come in the wrong order.</summary>
    MessagesSwapped,

    /// <summary>A system event comes twice.</summary>
    EventDoubled,

    /// <summary>A system event never comes, without notice.</summary>
    EventLost,

    /// <summary>The same, and the room is notified.</summary>
    EventLostAndTold,

    /// <summary>A signal comes twice.</summary>
    SignalDoubled,

    /// <summary>A signal never comes, without notice.</summary>
    SignalLost,
}

/// <summary>Sits between a node's channels and its rooms, and damages number <see cref="Number"/> of what passes.</summary>
internal sealed class Saboteur(IRoomChannels channels, Sabotage sabotage) : IRoomChannels
{
    /// <summary>Of messages, signals and events alike.</summary>
    public const int Number = 5;

    public event EventHandler? Restored
    {
        add => channels.Restored += value;
        remove => channels.Restored -= value;
    }

    public Task<IAsyncDisposable> SubscribeAsync(RoomKey room, IRoomSink sink, CancellationToken cancellationToken) =>
        channels.SubscribeAsync(room, new Sink(sink, sabotage), cancellationToken);

    private sealed class Sink(IRoomSink sink, Sabotage sabotage) : IRoomSink
    {
        private readonly Dictionary<ChannelKind, int> _passed = [];
        private Envelope _kept;

        public void Deliver(in Envelope envelope)
        {
            var number = _passed[envelope.Kind] = _passed.GetValueOrDefault(envelope.Kind) + 1;
            switch (envelope.Kind, sabotage, number)
            {
                case (ChannelKind.Message, Sabotage.MessageLost, Number):
                case (ChannelKind.System, Sabotage.EventLost, Number):
                case (ChannelKind.Signal, Sabotage.SignalLost, Number):
                    break;
                case (ChannelKind.System, Sabotage.EventLostAndTold, Number):
                    sink.Interrupted();
                    break;
                case (ChannelKind.System, Sabotage.EventDoubled, Number):
                case (ChannelKind.Signal, Sabotage.SignalDoubled, Number):
                    sink.Deliver(envelope);

                    // Without the id by which a second copy is known.
                    sink.Deliver(envelope with { Id = null });
                    break;
                case (ChannelKind.Message, Sabotage.MessageDoubled or Sabotage.MessagesSwapped, Number):
                    _kept = envelope;
                    if (sabotage == Sabotage.MessageDoubled)
                    {
                        sink.Deliver(envelope);
                    }

                    break;
                case (ChannelKind.Message, Sabotage.MessageDoubled, Number + 1):
                    sink.Deliver(envelope with { Frame = _kept.Frame });
                    break;
                case (ChannelKind.Message, Sabotage.MessagesSwapped, Number + 1):
                    sink.Deliver(_kept with { Frame = envelope.Frame });
                    sink.Deliver(envelope with { Frame = _kept.Frame });
                    break;
                default:
                    sink.Deliver(envelope);
                    break;
            }
        }

        public void Flush() => sink.Flush();

        public void Listens(RoomLayout layout) => sink.Listens(layout);

        public void Interrupted() => sink.Interrupted();
    }
}

/// <summary>History that does not have what <see cref="Saboteur"/> has kept back.</summary>
internal sealed class ForgetfulRooms(MemoryRooms rooms) : IRoomStore
{
    public async Task<ServiceResult<HistoryResponse>> GetAfterAsync(RoomKey room, long after, int limit, CancellationToken cancellationToken)
    {
        var answer = await rooms.GetAfterAsync(room, after, limit, cancellationToken);
        return answer.TryGet(out var history, out var problem) ? history with { Messages = [.. history.Messages.TakeWhile(static message => message.Seq < Saboteur.Number)] } : problem;
    }

    public Task<ServiceResult<HeadsResponse>> GetHeadsAsync(IReadOnlyList<RoomKey> keys, CancellationToken cancellationToken) => rooms.GetHeadsAsync(keys, cancellationToken);

    public Task<ServiceResult<bool>> IsMemberAsync(RoomKey room, string user, CancellationToken cancellationToken) => rooms.IsMemberAsync(room, user, cancellationToken);
}
