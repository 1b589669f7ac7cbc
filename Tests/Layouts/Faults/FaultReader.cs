using Contracts.Frames;
using Contracts.Messages;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>A subscriber that reconnects wherever it can, and resumes where it left off.</summary>
internal sealed class FaultReader(FaultRig rig, RoomKey room, string order, string name, Sent signals, Sent events)
{
    public RoomKey Room => room;

    public ReaderLog Log { get; } = new(name, order == FrameTypes.OrderServer);

    public async Task ReadAsync(CancellationToken stop)
    {
        var returning = new Returning(rig, room, FaultRig.Reader, order);
        long after = 0;
        while (await returning.NextAsync(() => after = Log.Position, Log.Broke, stop) is var (socket, node, troubles))
        {
            // What was begun by now may have been published before the subscription was confirmed.
            Log.Subscribed(after, signals.Begun, events.Begun);
            await using (socket)
            {
                await ReadAsync(socket, stop);
            }

            if (!stop.IsCancellationRequested)
            {
                Log.Closed(signals, events, nodeWasWell: troubles is not null && node.Troubles == troubles);
            }
        }
    }

    private async Task ReadAsync(TestSocket socket, CancellationToken stop)
    {
        await using var ended = stop.Register(socket.Raw.Abort);
        try
        {
            while (true)
            {
                Take(await socket.NextAsync());
            }
        }
        catch (TimeoutException)
        {
            // The socket has ended.
        }
    }

    private void Take(ServerFrame frame)
    {
        switch (frame.Type)
        {
            case FrameTypes.Message:
                Log.Message(frame.Seq!.Value);
                break;
            case FrameTypes.Signal:
                Log.Signal(frame.Data!.Value.GetInt64());
                break;
            case FrameTypes.System when frame.Event == Contracts.Publish.SystemEvents.StreamInterrupted:
                Log.Interrupted(signals.Begun, events.Begun);
                break;
            case FrameTypes.System:
                Log.Event(long.Parse(frame.Id![1..], System.Globalization.CultureInfo.InvariantCulture));
                break;
            case FrameTypes.Error or FrameTypes.Unsubscribed:
                Log.Broke($"got {frame.Type} {frame.Code} {frame.Reason}");
                break;
        }
    }
}
