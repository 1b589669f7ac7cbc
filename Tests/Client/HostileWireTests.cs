using Client.Realtime;
using Contracts.Frames;

namespace Tests.Client;

/// <summary>
/// A server that loses, duplicates and reorders frames and cuts the line, on the real clock: whatever the seed, the application sees 1..N once and in
/// order. The seed is in the test's name.
/// </summary>
public sealed class HostileWireTests : IAsyncLifetime
{
    private const int Messages = 2_000;
    private FakeServices _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeServices.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(1, MessageOrder.Client)]
    [InlineData(2, MessageOrder.Client)]
    [InlineData(3, MessageOrder.Server)]
    public async Task EveryMessageOnceInOrder(int seed, MessageOrder order)
    {
        var live = new RealtimeOptions
        {
            Buffer = 64,
            ReorderWindow = TimeSpan.FromMilliseconds(10),
            RepairAfter = TimeSpan.FromMilliseconds(20),
            ReconnectMin = TimeSpan.FromMilliseconds(1),
            ReconnectMax = TimeSpan.FromMilliseconds(5),
        };
        await using var client = await _server.SignInAsync(TimeProvider.System, live);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var serving = ServeAsync(new Random(seed), stop.Token);
        await using (var connection = await client.ConnectAsync(Token))
        await using (var room = await connection.SubscribeAsync("r", new SubscribeOptions { After = 0, Order = order }, Token))
        {
            for (var seq = 1L; seq <= Messages; seq++)
            {
                var message = await room.Messages.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
                Assert.Equal(seq, message.Seq);
            }

            Assert.False(room.Messages.TryRead(out _));
        }

        await stop.CancelAsync();
        await serving;
    }

    private async Task ServeAsync(Random random, CancellationToken stop)
    {
        var sent = 0L;
        while (!stop.IsCancellationRequested)
        {
            FakeSocket socket;
            try
            {
                socket = await _server.WelcomeAsync().WaitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await socket.SubscribedAsync(head: sent);
                while (!stop.IsCancellationRequested)
                {
                    if (socket.Ended.IsCompleted)
                    {
                        break;
                    }

                    // Once all are sent, only second copies follow.
                    var burst = (int)Math.Min(random.Next(1, 40), Messages - sent);
                    _server.Store("r", burst);
                    var batch = Enumerable.Range(1, burst).Select(i => sent + i).ToList();
                    sent += burst;
                    batch.AddRange(Enumerable.Range(0, random.Next(3)).Select(_ => (long)random.Next(1, (int)sent + 1)));
                    foreach (var seq in batch.OrderBy(seq => seq + random.Next(6)))
                    {
                        if (random.Next(12) != 0)
                        {
                            await socket.MessageAsync("r", seq);
                        }
                    }

                    if (random.Next(15) == 0)
                    {
                        break;
                    }

                    // Now and then the SDK learns the room's head; without it a lost tail would stay lost.
                    await socket.SendAsync(new ServerFrame(FrameTypes.Subscribed, Room: "r", After: 0, Head: sent, Id: "none"));
                    await Task.Yield();
                }
            }
            catch (Exception exception) when (exception is System.Net.WebSockets.WebSocketException or IOException or OperationCanceledException or System.Threading.Channels.ChannelClosedException)
            {
                // The line was cut on the other side: continue with the next socket.
            }

            socket.Abort();
        }
    }
}
