using System.Text;
using System.Threading.Channels;
using Client.Realtime;
using Contracts;
using Contracts.Frames;
using Tests.Infrastructure;

namespace Tests.Client;

/// <summary>A live connection reconnects by itself where that helps, and ends where it does not.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly ObservedTime _time = new();
    private readonly Channel<ConnectionState> _states = Channel.CreateUnbounded<ConnectionState>();
    private FakeServices _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeServices.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Handshake_CarriesTokenAndSubprotocol()
    {
        await using var client = await _server.SignInAsync(_time);
        var connecting = client.ConnectAsync(Token);
        var socket = await _server.WelcomeAsync();
        await using var live = await connecting;
        Assert.Equal("Bearer access1", socket.Authorization);
        Assert.Equal([FrameTypes.Subprotocol], socket.Subprotocols);
        Assert.Equal(ConnectionPhase.Connected, live.State.Phase);
        Assert.Equal("n", live.State.Node);
    }

    [Fact]
    public async Task Disposal_SaysGoodbye_AndEndsTheStreams()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        var subscribing = live.SubscribeAsync("r", cancellationToken: Token);
        await socket.SubscribedAsync();
        var room = await subscribing;
        await live.DisposeAsync();
        await socket.Ended;
        Assert.Equal(1000, socket.CloseCode);
        await room.Messages.Completion.WaitAsync(Token);
        await room.Signals.Completion.WaitAsync(Token);
        Assert.Equal(ConnectionPhase.Closed, live.State.Phase);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => live.SubscribeAsync("r2", cancellationToken: Token));
        await live.DisposeAsync();
    }

    [Theory]
    [InlineData(CloseCodes.SlowConsumer)]
    [InlineData(CloseCodes.TokenExpired)]
    [InlineData(CloseCodes.Idle)]
    [InlineData(CloseCodes.BackendLost)]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1011)]
    public async Task ComesBack_AfterCloseCode(int code)
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        await socket.CloseAsync(code, "why");
        var waiting = await NextAsync(ConnectionPhase.Waiting);
        Assert.Equal(code, waiting.CloseCode);
        Assert.Equal("why", waiting.Reason);
        Assert.InRange(waiting.RetryIn!.Value, TimeSpan.Zero, new RealtimeOptions().ReconnectMin);
        await ElapseAsync(waiting);
        await _server.WelcomeAsync();
        Assert.Equal("n", (await NextAsync(ConnectionPhase.Connected)).Node);
    }

    [Theory]
    [InlineData(CloseCodes.BadToken)]
    [InlineData(CloseCodes.ProtocolViolation)]
    [InlineData(CloseCodes.FrameTooLarge)]
    [InlineData(CloseCodes.SessionRevoked)]
    [InlineData(CloseCodes.LimitExceeded)]
    [InlineData(1002)]
    [InlineData(1008)]
    public async Task EndsForGood_AfterCloseCode(int code)
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        var subscribing = live.SubscribeAsync("r", cancellationToken: Token);
        await socket.SubscribedAsync();
        var room = await subscribing;
        await socket.CloseAsync(code);
        await NextAsync(ConnectionPhase.Closed);
        await Assert.ThrowsAsync<RealtimeException>(() => room.Messages.Completion.WaitAsync(Token));
        await Assert.ThrowsAsync<RealtimeException>(() => live.SubscribeAsync("r2", cancellationToken: Token));
    }

    [Fact]
    public async Task WaitsAsLongAsADrainingNodeSays()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        await socket.CloseAsync(CloseCodes.Draining, "1234");
        var waiting = await NextAsync(ConnectionPhase.Waiting);
        Assert.Equal(TimeSpan.FromMilliseconds(1234), waiting.RetryIn);
        await ElapseAsync(waiting);
        await _server.WelcomeAsync();
        await NextAsync(ConnectionPhase.Connected);
    }

    [Fact]
    public async Task ComesBack_AfterACutLine_AndTriesUntilTheServerIsBack()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        // docs/protocol.md: a random time between zero and a bound that doubles from 1 s to 30 s.
        int[] bounds = [1, 2, 4, 8, 16, 30, 30];
        foreach (var status in Enumerable.Range(0, bounds.Length - 1).Select(static number => 502 + (number % 2)))
        {
            _server.Refusals.Enqueue(status);
        }

        socket.Abort();
        for (var attempt = 1; attempt <= bounds.Length; attempt++)
        {
            var waiting = await NextAsync(ConnectionPhase.Waiting);
            Assert.Equal(attempt, waiting.Attempt);
            Assert.Null(waiting.CloseCode);
            Assert.InRange(waiting.RetryIn!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(bounds[attempt - 1]));
            await ElapseAsync(waiting);
        }

        await _server.WelcomeAsync();
        await NextAsync(ConnectionPhase.Connected);
    }

    [Fact]
    public async Task RefreshesOnce_WhenTheHandshakeIsRefused()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;

        // A failure of another kind comes first: it must not count as a refused token.
        _server.Refusals.Enqueue(503);
        _server.Refusals.Enqueue(401);
        socket.Abort();
        await ElapseAsync(await NextAsync(ConnectionPhase.Waiting));
        await ElapseAsync(await NextAsync(ConnectionPhase.Waiting));
        await ElapseAsync(await NextAsync(ConnectionPhase.Waiting));
        Assert.Equal("Bearer access2", (await _server.WelcomeAsync()).Authorization);
        Assert.Equal(["refresh1"], _server.Refreshes);
    }

    [Fact]
    public async Task EndsForGood_WhenAFreshTokenIsRefusedToo()
    {
        // On the real clock: the test gets the connection only with its first welcome, so it cannot know when it waits.
        await using var client = await _server.SignInAsync(TimeProvider.System, new RealtimeOptions { ReconnectMin = TimeSpan.FromMilliseconds(1) });
        _server.Refusals.Enqueue(401);
        _server.Refusals.Enqueue(401);
        Assert.Equal(ErrorCodes.BadToken, (await Assert.ThrowsAsync<RealtimeException>(() => client.ConnectAsync(Token))).Code);
        Assert.Equal(["refresh1"], _server.Refreshes);
    }

    [Fact]
    public async Task EndsForGood_WhenTheSessionHasEnded()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        _server.RefreshStatus = 401;
        _server.Refusals.Enqueue(401);
        socket.Abort();
        await ElapseAsync(await NextAsync(ConnectionPhase.Waiting));
        await ElapseAsync(await NextAsync(ConnectionPhase.Waiting));
        await NextAsync(ConnectionPhase.Closed);
    }

    [Fact]
    public async Task TokenIsRenewedOnTheOpenSocket()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client, pingInterval: 3600);
        await using var _ = live;
        await _time.ElapseAsync(TimeSpan.FromMinutes(9));
        var auth = await socket.NextAsync(FrameTypes.Auth);
        Assert.Equal("access2", auth.Token);
        await socket.SendAsync(new ServerFrame(FrameTypes.Ack, auth.Id));
        await _time.ElapseAsync(TimeSpan.FromMinutes(9));
        Assert.Equal("access3", (await socket.NextAsync(FrameTypes.Auth)).Token);
        Assert.Equal(ConnectionPhase.Connected, live.State.Phase);
    }

    [Fact]
    public async Task RenewalIsTriedAgain_WhenSessionIsAway()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client, pingInterval: 3600);
        await using var _ = live;
        _server.RefreshStatus = 503;
        await _time.ElapseAsync(TimeSpan.FromMinutes(9));
        await _time.WaitBegunAsync(TimeSpan.FromSeconds(1));
        _server.RefreshStatus = 200;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("access2", (await socket.NextAsync(FrameTypes.Auth)).Token);
    }

    [Fact]
    public async Task ComesBack_WhenAPingIsNotAnswered()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client, pingInterval: 5);
        await using var _ = live;
        socket.IsSilent = true;
        await _time.ElapseAsync(TimeSpan.FromSeconds(5));
        await _time.ElapseAsync(new RealtimeOptions().AnswerTimeout);
        await ElapseAsync(await NextAsync(ConnectionPhase.Waiting));
        await _server.WelcomeAsync();
        await NextAsync(ConnectionPhase.Connected);
        await socket.Ended;
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"type\":7}")]
    public async Task ComesBack_WhenAFrameIsNotOfTheProtocol(string frame)
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        await socket.SendAsync(Encoding.UTF8.GetBytes(frame));
        await ElapseAsync(await NextAsync(ConnectionPhase.Waiting));
        await _server.WelcomeAsync();
        await NextAsync(ConnectionPhase.Connected);
    }

    [Fact]
    public async Task ComesBack_WhenAFrameIsTooLong()
    {
        await using var client = await _server.SignInAsync(_time, new RealtimeOptions { MaxFrame = 8192 });
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        await socket.SendAsync(new ServerFrame(FrameTypes.Error, Detail: new string('x', 8000)));
        await socket.SendAsync(new ServerFrame(FrameTypes.Error, Detail: new string('x', 100_000)));
        var waiting = await NextAsync(ConnectionPhase.Waiting);
        Assert.Contains("8192", waiting.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownFramesAndMembers_AreIgnored()
    {
        await using var client = await _server.SignInAsync(_time);
        var (live, socket) = await ConnectAsync(client);
        await using var _ = live;
        await socket.SendAsync("{\"type\":\"something-new\",\"of\":[1,2]}"u8.ToArray());
        await socket.SendAsync("{\"type\":\"message\",\"room\":\"unknown\",\"seq\":1,\"id\":\"x\",\"new\":true}"u8.ToArray());
        var subscribing = live.SubscribeAsync("r", cancellationToken: Token);
        await socket.SubscribedAsync();
        await using var room = await subscribing;
        Assert.Equal(ConnectionPhase.Connected, live.State.Phase);
    }

    [Fact]
    public void Waits_GrowToTheirBound_WithFullJitter()
    {
        var policy = new ReconnectPolicy(new RealtimeOptions(), new Random(7));
        foreach (var (attempt, bound) in new[] { (1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (1000, 30) })
        {
            var waits = Enumerable.Range(0, 1000).Select(_ => policy.Wait(attempt, closeCode: null, reason: null).TotalSeconds).ToList();
            Assert.InRange(waits.Min(), 0, bound * 0.1);
            Assert.InRange(waits.Max(), bound * 0.9, bound);
        }

        Assert.Equal(TimeSpan.FromSeconds(30), policy.Wait(1, CloseCodes.Draining, "999999999"));
        Assert.InRange(policy.Wait(1, CloseCodes.Draining, "-5"), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(policy.Wait(1, CloseCodes.SlowConsumer, "5000"), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private async Task<(RealtimeConnection Live, FakeSocket Socket)> ConnectAsync(global::Client.ChatClient client, int pingInterval = 20)
    {
        var connecting = client.ConnectAsync(Token);
        var socket = await _server.WelcomeAsync(pingInterval);
        var live = await connecting;
        live.StateChanged += state => _states.Writer.TryWrite(state);
        return (live, socket);
    }

    private async Task<ConnectionState> NextAsync(ConnectionPhase phase)
    {
        while (true)
        {
            var state = await _states.Reader.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
            if (state.Phase == phase)
            {
                return state;
            }
        }
    }

    private Task ElapseAsync(ConnectionState waiting) => _time.ElapseAsync(waiting.RetryIn!.Value);
}
