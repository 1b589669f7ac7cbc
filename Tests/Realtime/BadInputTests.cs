using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;
using Microsoft.IdentityModel.Tokens;
using Tests.Infrastructure;
using Tests.ServiceDefaults;

namespace Tests.Realtime;

/// <summary>Whatever a client sends, it gets a clear answer, and no other client is affected.</summary>
public sealed class BadInputTests(DataServers servers) : IAsyncLifetime
{
    private readonly TestIssuer _issuer = new();
    private readonly MemoryRooms _rooms = new();
    private readonly string _tenant = "t" + Ids.New(TimeProvider.System);
    private RealtimeNode _node = null!;
    private TestSocket _witness = null!;

    private RoomKey Room => new(_tenant, "lobby");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var redis = await servers.GetRedisConnectionStringAsync(Token);
        _node = await RealtimeNode.StartAsync(redis, _rooms, _issuer, new(StringComparer.Ordinal)
        {
            ["Sockets:MaxFrameBytes"] = "40000",
            ["Sockets:MaxSubscriptions"] = "5",
            ["Sockets:FramesPerSecond"] = "1",
            ["Sockets:AllowedOrigins:0"] = "https://app.example.org",
            ["Sockets:CloseTimeout"] = "00:00:01",
        });
        _rooms.Create(Room, "ann", "eve");
        _witness = await _node.ConnectAsync(_tenant, "ann");
        await _witness.SubscribeAsync("lobby");
    }

    public async ValueTask DisposeAsync()
    {
        // After every test the other connection still works.
        await _node.PublishAsync(_rooms.Append(Room));
        await _witness.ExpectAsync(FrameTypes.Message);
        await _witness.DisposeAsync();
        await _node.DisposeAsync();
        _issuer.Dispose();
    }

    [Theory]
    [InlineData("not json", ErrorCodes.BadFrame)]
    [InlineData("[1,2]", ErrorCodes.BadFrame)]
    [InlineData("null", ErrorCodes.BadFrame)]
    [InlineData("", ErrorCodes.BadFrame)]
    [InlineData("{}", ErrorCodes.BadFrame)]
    [InlineData("""{"type":5}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":null}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"dance"}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"subscribe"}""", ErrorCodes.InvalidId)]
    [InlineData("""{"type":"subscribe","room":7}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"subscribe","room":"a:b"}""", ErrorCodes.InvalidId)]
    [InlineData("""{"type":"subscribe","room":"a\u0000b"}""", ErrorCodes.InvalidId)]
    [InlineData("""{"type":"subscribe","room":"lobby","after":"x"}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"subscribe","room":"lobby","after":-1}""", ErrorCodes.InvalidPosition)]
    [InlineData("""{"type":"subscribe","room":"lobby","after":99999999}""", ErrorCodes.InvalidPosition)]
    [InlineData("""{"type":"subscribe","room":"lobby","after":99999999999999999999}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"subscribe","room":"lobby","order":"random"}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"subscribe","room":"nowhere"}""", ErrorCodes.NotAMember)]
    [InlineData("""{"type":"unsubscribe","room":"lobby"}""", ErrorCodes.NotSubscribed)]
    [InlineData("""{"type":"signal","room":"lobby","data":1}""", ErrorCodes.NotSubscribed)]
    [InlineData("""{"type":"signal","room":"lobby"}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"signal","room":"lobby","to":"a b","data":1}""", ErrorCodes.InvalidId)]
    [InlineData("""{"type":"auth"}""", ErrorCodes.BadFrame)]
    [InlineData("""{"type":"auth","token":"nonsense"}""", ErrorCodes.BadToken)]
    [InlineData("""{"type":"ping","id":"a b"}""", ErrorCodes.InvalidId)]
    public async Task FrameIsAnsweredWithAnError_AndTheConnectionGoesOn(string frame, string code)
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.SendAsync(frame);
        var error = await socket.ExpectAsync(FrameTypes.Error);
        Assert.Equal(code, error.Code);
        Assert.NotNull(error.Detail);
        await socket.SendAsync("""{"type":"ping","id":"p","unknown":[1,{"x":null}]}""");
        Assert.Equal("p", (await socket.ExpectAsync(FrameTypes.Pong)).Id);
    }

    [Theory]
    [InlineData("""{"type":"ping","id":"mine",""")]
    [InlineData("""{"id":"mine","type":"ping"}}""")]
    [InlineData("""{"id":"mine","type":5}""")]
    [InlineData("""{"type":null,"id":"mine"}""")]
    [InlineData("""{"type":"subscribe","room":7,"id":"mine"}""")]
    [InlineData("""{"type":"subscribe","room":"lobby","after":"x","id":"\u006dine"}""")]
    [InlineData("""{"id":"other","type":"signal","room":{"id":"inner"},"id":"mine"}""")]
    public async Task ErrorNamesTheFrame_ThoughTheFrameCannotBeRead(string frame)
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.SendAsync(frame);
        var error = await socket.ExpectAsync(FrameTypes.Error);
        Assert.Equal(("mine", ErrorCodes.BadFrame), (error.Id, error.Code));
    }

    [Theory]
    [InlineData("""{"id":"\ud83d","type":5}""")]
    [InlineData("""{"id":"a b","type":5}""")]
    [InlineData("""{"id":{"id":"mine"},"type":5}""")]
    [InlineData("""[{"id":"mine"}]""")]
    [InlineData("""{"data":{"id":"mine"}}""")]
    public async Task ErrorNamesNoFrame_WhereThereIsNoId(string frame)
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.SendAsync(frame);
        Assert.Null((await socket.ExpectAsync(FrameTypes.Error)).Id);
    }

    [Fact]
    public async Task BinaryFrameIsRefused_ByItsId()
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.Raw.SendAsync(new byte[] { 1, 2 }, WebSocketMessageType.Binary, endOfMessage: true, Token);
        Assert.Equal(ErrorCodes.BadFrame, (await socket.ExpectAsync(FrameTypes.Error)).Code);
        await socket.Raw.SendAsync("""{"type":"ping","id":"b"}"""u8.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, Token);
        var error = await socket.ExpectAsync(FrameTypes.Error);
        Assert.Equal(("b", ErrorCodes.BadFrame), (error.Id, error.Code));
    }

    [Fact]
    public async Task SignalGoesThroughAsItIs_UpToTheDeepestNesting()
    {
        var data = $$"""{{new string('[', Limits.SignalDepth)}}"\ud83d", 1.50, {{new string(']', Limits.SignalDepth)}}""".Replace(", ]", "]", StringComparison.Ordinal);
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.SubscribeAsync("lobby");
        await socket.SendAsync($$"""{"type":"signal","room":"lobby","id":"s","data":{{data}}}""");
        Assert.Equal("s", (await socket.ExpectAsync(FrameTypes.Ack)).Id);
        Assert.Equal(data, (await _witness.ExpectAsync(FrameTypes.Signal)).Data!.Value.GetRawText());
    }

    [Theory]
    [InlineData(Limits.SignalDepth + 1)]
    [InlineData(1_000)]
    [InlineData(16_000)]
    public async Task SignalThatIsNestedDeeper_IsRefusedByItsId_AndIsNoBreachOfTheProtocol(int depth)
    {
        var data = new string('[', depth) + new string(']', depth);
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.SubscribeAsync("lobby");

        // More often than bad frames may come.
        for (var i = 0; i < 12; i++)
        {
            await socket.SendAsync(i % 2 == 0 ? $$"""{"type":"signal","room":"lobby","id":"s{{i}}","data":{{data}}}""" : $$"""{"data":{{data}},"id":"s{{i}}","room":"lobby","type":"signal"}""");
            var error = await socket.ExpectAsync(FrameTypes.Error);
            Assert.Equal(($"s{i}", ErrorCodes.TooLarge), (error.Id, error.Code));
        }

        await socket.SendAsync("""{"type":"ping","id":"p"}""");
        Assert.Equal("p", (await socket.ExpectAsync(FrameTypes.Pong)).Id);
    }

    [Fact]
    public async Task FrameThatComesTooSoon_IsRefusedByItsId()
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        const int Frames = 400;
        for (var i = 0; i < Frames; i++)
        {
            await socket.SendAsync($$"""{"type":"ping","id":"p{{i}}"}""");
        }

        var answers = new List<ServerFrame>();
        while (answers.Count < Frames)
        {
            answers.Add(await socket.NextAsync());
        }

        Assert.Contains(answers, static answer => answer.Code == ErrorCodes.RateLimited);
        Assert.Equal(Enumerable.Range(0, Frames).Select(static i => $"p{i}"), answers.Select(static answer => answer.Id));
    }

    [Fact]
    public async Task ConnectionCloses_WhenBadFramesGoOn()
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        for (var i = 0; i < 11; i++)
        {
            await socket.SendAsync("?");
        }

        Assert.Equal(CloseCodes.ProtocolViolation, (await socket.ClosedAsync()).Code);
    }

    [Theory]
    [InlineData(40_001, true)]
    [InlineData(400_000, true)]
    [InlineData(40_000, false)]
    public async Task ConnectionCloses_WhenAMessageIsTooLong(int length, bool tooLong)
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        var text = """{"type":"ping","id":"p"}""".PadRight(length);
        await SendTolerantlyAsync(socket, Encoding.ASCII.GetBytes(text), endOfMessage: true);
        if (tooLong)
        {
            Assert.Equal(CloseCodes.FrameTooLarge, (await socket.ClosedAsync()).Code);
        }
        else
        {
            await socket.ExpectAsync(FrameTypes.Pong);
        }
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(0)]
    public async Task ConnectionCloses_WhenFragmentsDoNotEnd(int fragment)
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        for (var i = 0; i < 100 && socket.Raw.State == WebSocketState.Open; i++)
        {
            await SendTolerantlyAsync(socket, new byte[fragment].AsMemory().ToArray(), endOfMessage: false);
        }

        Assert.Equal(CloseCodes.FrameTooLarge, (await socket.ClosedAsync()).Code);
    }

    [Fact]
    public async Task ConnectionCloses_WhenTextIsNotUtf8()
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.Raw.SendAsync(new byte[] { (byte)'"', 0xFF, 0xFE, (byte)'"' }, WebSocketMessageType.Text, endOfMessage: true, Token);
        Assert.Equal((int)WebSocketCloseStatus.InvalidPayloadData, (await socket.ClosedAsync()).Code);
    }

    [Fact]
    public async Task SignalIsRefused_WhenItsDataIsTooLong()
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.SubscribeAsync("lobby");
        await socket.SendAsync($$"""{"type":"signal","room":"lobby","id":"s","data":"{{new string('x', Limits.SignalBytes)}}"}""");
        var error = await socket.ExpectAsync(FrameTypes.Error);
        Assert.Equal(("s", ErrorCodes.TooLarge), (error.Id, error.Code));
    }

    [Fact]
    public async Task SubscribeFloodIsBounded()
    {
        for (var i = 0; i < 6; i++)
        {
            _rooms.Create(new RoomKey(_tenant, $"r{i}"), "eve");
        }

        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        for (var i = 0; i < 5; i++)
        {
            await socket.SubscribeAsync($"r{i}");
        }

        await socket.SendAsync("""{"type":"subscribe","room":"r5"}""");
        Assert.Equal(ErrorCodes.TooManySubscriptions, (await socket.ExpectAsync(FrameTypes.Error)).Code);
        await socket.SendAsync("""{"type":"subscribe","room":"r1"}""");
        Assert.Equal(ErrorCodes.AlreadySubscribed, (await socket.ExpectAsync(FrameTypes.Error)).Code);

        // Without pause: first rate-limited, then closed.
        var limited = false;
        for (var i = 0; i < 2_000 && socket.Raw.State == WebSocketState.Open; i++)
        {
            await SendTolerantlyAsync(socket, Encoding.ASCII.GetBytes("""{"type":"subscribe","room":"r5"}"""), endOfMessage: true);
        }

        try
        {
            while (true)
            {
                var error = await socket.NextAsync();
                limited |= error is { Code: ErrorCodes.RateLimited, RetryAfter: > 0 };
            }
        }
        catch (TimeoutException)
        {
            // All frames that came before the close frame have been read.
        }

        Assert.True(limited);
        Assert.Equal(CloseCodes.LimitExceeded, (await socket.ClosedAsync()).Code);
    }

    [Fact]
    public async Task OtherTenantsRoomIsNobodysRoom()
    {
        await using var socket = await _node.ConnectAsync(_tenant + "x", "ann");
        await socket.SendAsync(new ClientFrame(FrameTypes.Subscribe, "s", "lobby", After: 0));
        Assert.Equal(ErrorCodes.NotAMember, (await socket.ExpectAsync(FrameTypes.Error)).Code);
        await socket.SendAsync("""{"type":"signal","room":"lobby","data":1}""");
        Assert.Equal(ErrorCodes.NotSubscribed, (await socket.ExpectAsync(FrameTypes.Error)).Code);
    }

    [Fact]
    public async Task UpgradeIsRefusedWithAProblem()
    {
        var valid = _node.Token(_tenant, "eve");
        var old = _issuer.Token(now: TimeProvider.System.GetUtcNow().AddHours(-2));
        using var stranger = new TestIssuer();
        var unsigned = $"{Base64UrlEncoder.Encode("""{"alg":"none","kid":"k1"}""")}.{valid.Split('.')[1]}.";
        await RefusedAsync(null, 401, ProblemTypes.Unauthenticated);
        await RefusedAsync("nonsense", 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(old, 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(stranger.Token(), 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(unsigned, 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(valid, 403, ProblemTypes.Forbidden, ("Origin", "https://evil.example.org"));
        await RefusedAsync(valid, 400, ProblemTypes.InvalidRequest, ("Sec-WebSocket-Version", "8"));
        await RefusedAsync(valid, 400, ProblemTypes.InvalidRequest, ("Sec-WebSocket-Key", "short"));
        await RefusedAsync(valid, 400, ProblemTypes.InvalidRequest, ("Sec-WebSocket-Protocol", "graphql-ws"));
        await RefusedAsync(valid, 400, ProblemTypes.InvalidRequest, ("Upgrade", "h2c"));
    }

    [Fact]
    public async Task BrowserConnects_WithItsTokenAmongTheSubprotocols()
    {
        var token = _node.Token(_tenant, "eve");
        await using var socket = await TestSocket.ConnectAsync(_node.Address, token: null, options =>
        {
            options.AddSubProtocol(FrameTypes.BearerSubprotocolPrefix + token);
            options.SetRequestHeader("Origin", "https://app.example.org");
        });
        Assert.Equal("eve", (await socket.ExpectAsync(FrameTypes.Welcome)).User);
        Assert.Equal(FrameTypes.Subprotocol, socket.Raw.SubProtocol);
    }

    [Fact]
    public async Task ConnectionCloses_WhenItRenewsWithAnotherUsersToken()
    {
        await using var socket = await _node.ConnectAsync(_tenant, "eve");
        await socket.SendAsync(new ClientFrame(FrameTypes.Auth, "ok", Token: _node.Token(_tenant, "eve")));
        Assert.Equal("ok", (await socket.ExpectAsync(FrameTypes.Ack)).Id);
        await socket.SendAsync(new ClientFrame(FrameTypes.Auth, "no", Token: _node.Token(_tenant, "ann")));
        Assert.Equal(CloseCodes.BadToken, (await socket.ClosedAsync()).Code);
    }

    [Fact]
    public async Task PublishIsForChatAlone()
    {
        using var http = new HttpClient { BaseAddress = _node.Address };
        using var content = JsonContent.Create(new PublishRequest([], []));
        (await http.PostAsync(new Uri(RealtimeRoutes.Publish, UriKind.Relative), content, Token)).Dispose();
        using var anonymous = await http.PostAsync(new Uri(RealtimeRoutes.Publish, UriKind.Relative), content, Token);
        await anonymous.ProblemAsync(401, ProblemTypes.Unauthenticated);
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + _node.Token(_tenant, "eve"));
        using var user = await http.PostAsync(new Uri(RealtimeRoutes.Publish, UriKind.Relative), content, Token);
        await user.ProblemAsync(401, ProblemTypes.Unauthenticated);
        http.DefaultRequestHeaders.Authorization = new("Bearer", TestKeys.Token(ServiceNames.Fileman, ServiceNames.Realtime));
        using var other = await http.PostAsync(new Uri(RealtimeRoutes.Publish, UriKind.Relative), content, Token);
        await other.ProblemAsync(403, ProblemTypes.Forbidden);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"messages":5,"system":[]}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":[{"tenant":"a:b","room":"r","seq":1,"id":"m","sender":"u","text":"","sentAt":"2026-01-01T00:00:00Z"}],"system":[]}""")]
    [InlineData("""{"messages":[{"tenant":"a","room":"r","seq":0,"id":"m","sender":"u","text":"","sentAt":"2026-01-01T00:00:00Z"}],"system":[]}""")]
    [InlineData("""{"messages":[],"system":[{"tenant":"a","room":"r","id":"e","event":"NO SUCH","actor":"u","at":"2026-01-01T00:00:00Z"}]}""")]
    public async Task PublishIsRefused_WhenMalformed(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _node.Http.PostAsync(new Uri(RealtimeRoutes.Publish, UriKind.Relative), content, Token);
        await response.ProblemAsync(400, ProblemTypes.InvalidRequest);
    }

    private async Task RefusedAsync(string? token, int status, string type, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = _node.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, RealtimeRoutes.WebSocket);
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Connection"] = "Upgrade",
            ["Upgrade"] = "websocket",
            ["Sec-WebSocket-Version"] = "13",
            ["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ==",
        };
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        if (token is not null)
        {
            all["Authorization"] = "Bearer " + token;
        }

        foreach (var (name, value) in all)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, Token);
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        await response.ProblemAsync(status, type);
    }

    /// <summary>The server may close while we are still sending.</summary>
    private static async Task SendTolerantlyAsync(TestSocket socket, byte[] bytes, bool endOfMessage)
    {
        try
        {
            await socket.Raw.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage, Token);
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or ObjectDisposedException)
        {
            TestContext.Current.SendDiagnosticMessage("closed while sending: {0}", exception.Message);
        }
    }
}
