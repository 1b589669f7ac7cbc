using System.Net.WebSockets;
using Contracts.Frames;
using Contracts.Messages;
using Tests.Realtime;

namespace Tests.Layouts.Faults;

/// <summary>Sockets of one user that reconnect, to any node, as a client's do.</summary>
internal sealed class Returning(FaultRig rig, RoomKey room, string user, string? order)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    /// <summary>The next socket with a confirmed subscription, retried until there is one; null at the end.</summary>
    /// <param name="after">Where to resume.</param>
    /// <param name="broke">Called with answers that break the protocol.</param>
    /// <param name="stop">The end.</param>
    public async Task<(TestSocket Socket, FaultNode Node, int? Troubles)?> NextAsync(Func<long?> after, Action<string> broke, CancellationToken stop)
    {
        using var tick = new PeriodicTimer(Pause, TimeProvider.System);
        try
        {
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                var node = rig.Pick();
                var troubles = node.Troubles;
                if (await TryAsync(node, after(), broke) is { } socket)
                {
                    return (socket, node, troubles);
                }

                await tick.WaitForNextTickAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<TestSocket?> TryAsync(FaultNode node, long? after, Action<string> broke)
    {
        TestSocket? socket = null;
        try
        {
            socket = await TestSocket.ConnectAsync(node.Node.Address, node.Node.Token(room.Tenant, user));
            await socket.SendAsync(new ClientFrame(FrameTypes.Subscribe, "sub", room.Room, after, order));
            while (true)
            {
                var frame = await socket.NextAsync();
                if (frame.Type == FrameTypes.Subscribed)
                {
                    return socket;
                }

                if (frame.Type == FrameTypes.Error)
                {
                    if (frame.Code != ErrorCodes.Unavailable)
                    {
                        broke($"subscribing behind {after} answers {frame.Code} {frame.Detail}");
                    }

                    break;
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or TimeoutException or ObjectDisposedException or InvalidOperationException or HttpRequestException)
        {
            // This node accepts no clients now.
        }

        if (socket is not null)
        {
            await socket.DisposeAsync();
        }

        return null;
    }
}
