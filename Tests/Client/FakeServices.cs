using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Client;
using Client.Realtime;
using Contracts;
using Contracts.Frames;
using Contracts.Public;
using Contracts.Publish;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Client;

/// <summary>
/// Session, Chat and Realtime as the SDK sees them, on Kestrel at a port of its own: the test plays the server and decides what goes wrong, frame by
/// frame.
/// </summary>
internal sealed class FakeServices : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<FakeSocket> _sockets = Channel.CreateUnbounded<FakeSocket>();
    private int _tokens;

    private FakeServices(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>Answers to handshakes, in order; when there is none, the socket is accepted.</summary>
    public ConcurrentQueue<int> Refusals { get; } = new();

    /// <summary>The rooms' stored messages.</summary>
    public ConcurrentDictionary<string, List<MessageView>> History { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls of the history, as room and after.</summary>
    public ConcurrentQueue<(string Room, long After)> HistoryCalls { get; } = new();

    /// <summary>What the history answers instead of messages; 0: messages.</summary>
    public int HistoryStatus { get; set; }

    /// <summary>Refresh tokens that were presented.</summary>
    public ConcurrentQueue<string> Refreshes { get; } = new();

    /// <summary>What a refresh waits for before it answers.</summary>
    public Func<Task> BeforeRefresh { get; set; } = static () => Task.CompletedTask;

    /// <summary>Status of refreshes; 200: new tokens.</summary>
    public int RefreshStatus { get; set; } = StatusCodes.Status200OK;

    /// <summary>Access tokens that /v1/me refuses.</summary>
    public ConcurrentDictionary<string, bool> RefusedTokens { get; } = new(StringComparer.Ordinal);

    /// <summary>Access tokens that /v1/me was called with.</summary>
    public ConcurrentQueue<string> MeCalls { get; } = new();

    /// <summary>Number of changes of password that came in.</summary>
    public int PasswordCalls { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<FakeServices> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var services = new FakeServices(app);
        app.UseWebSockets();
        app.MapPost(SessionRoutes.Login, () => services.Tokens());
        app.MapPost(SessionRoutes.Refresh, (Delegate)services.RefreshAsync);
        app.MapGet(SessionRoutes.Me, services.Me);
        app.MapPut(SessionRoutes.Password, services.ChangePassword);
        app.MapGet(ChatRoutes.Messages, services.GetHistory);
        app.MapGet(RealtimeRoutes.WebSocket, services.AcceptAsync);
        await app.StartAsync(Token);
        services.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return services;
    }

    public ChatClientOptions Options(TimeProvider time, RealtimeOptions? live = null) => new()
    {
        Session = Address,
        Chat = Address,
        Fileman = Address,
        Realtime = Address,
        Time = time,
        Live = live ?? new RealtimeOptions(),
    };

    /// <summary>A client on which somebody is signed in.</summary>
    public async Task<ChatClient> SignInAsync(TimeProvider time, RealtimeOptions? live = null)
    {
        var client = new ChatClient(Options(time, live));
        Assert.Null((await client.LoginAsync(new LoginRequest("acme", "ada", "correct horse"), Token)).Problem);
        return client;
    }

    /// <summary>The next socket that the SDK opens.</summary>
    public async Task<FakeSocket> NextSocketAsync() => await _sockets.Reader.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);

    /// <summary>The next socket, welcomed.</summary>
    public async Task<FakeSocket> WelcomeAsync(int pingInterval = 20)
    {
        var socket = await NextSocketAsync();
        await socket.SendAsync(new ServerFrame(FrameTypes.Welcome, Connection: "c", Node: "n", Tenant: "acme", User: "u", PingInterval: pingInterval, MaxFrame: 65536));
        return socket;
    }

    public void Store(string room, int count)
    {
        var messages = History.GetOrAdd(room, static _ => []);
        lock (messages)
        {
            for (var i = 0; i < count; i++)
            {
                messages.Add(Message(room, messages.Count + 1));
            }
        }
    }

    public static MessageView Message(string room, long seq) =>
        new(room, seq, "m" + seq.ToString(CultureInfo.InvariantCulture), "u", "text " + seq.ToString(CultureInfo.InvariantCulture), DateTimeOffset.UnixEpoch);

    public async ValueTask DisposeAsync()
    {
        // Sockets that a test left open must not block the shutdown.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static IResult Json(TokenResponse response) => Results.Json(response, PublicJsonContext.Default.TokenResponse);

    private IResult Tokens()
    {
        var number = Interlocked.Increment(ref _tokens).ToString(CultureInfo.InvariantCulture);
        var user = new UserInfo("u", "ada", "Ada", "member", DateTimeOffset.UnixEpoch);
        return Json(new TokenResponse("access" + number, "refresh" + number, 600, "Bearer", "s", user, "acme"));
    }

    private async Task<IResult> RefreshAsync(HttpContext context)
    {
        var body = await JsonSerializer.DeserializeAsync(context.Request.Body, PublicJsonContext.Default.RefreshRequest, context.RequestAborted);
        Refreshes.Enqueue(body!.RefreshToken);
        await BeforeRefresh();
        return RefreshStatus == StatusCodes.Status200OK ? Tokens() : Results.StatusCode(RefreshStatus);
    }

    private IResult Me(HttpContext context)
    {
        var token = context.Request.Headers.Authorization.ToString()["Bearer ".Length..];
        MeCalls.Enqueue(token);
        if (RefusedTokens.ContainsKey(token))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var user = new UserInfo("u", "ada", "Ada", "member", DateTimeOffset.UnixEpoch);
        return Results.Json(new MeResponse(user, new TenantInfo("acme", "Acme", OpenRegistration: true), "s"), PublicJsonContext.Default.MeResponse);
    }

    private IResult ChangePassword()
    {
        PasswordCalls++;
        return Results.StatusCode(StatusCodes.Status401Unauthorized);
    }

    private IResult GetHistory(string room, long after, int limit)
    {
        HistoryCalls.Enqueue((room, after));
        if (HistoryStatus != 0)
        {
            return Results.StatusCode(HistoryStatus);
        }

        var messages = History.GetOrAdd(room, static _ => []);
        lock (messages)
        {
            var page = new MessagePage([.. messages.Where(message => message.Seq > after).Take(limit)], messages.Count);
            return Results.Json(page, ContractsJsonContext.Default.MessagePage);
        }
    }

    private async Task AcceptAsync(HttpContext context)
    {
        if (Refusals.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(FrameTypes.Subprotocol);
        var fake = new FakeSocket(socket, context);
        await _sockets.Writer.WriteAsync(fake, context.RequestAborted);
        await fake.RunAsync(context.RequestAborted);
    }
}

/// <summary>One socket of the SDK, seen from the server.</summary>
internal sealed class FakeSocket(WebSocket socket, HttpContext context)
{
    private readonly Channel<ClientFrame> _frames = Channel.CreateUnbounded<ClientFrame>();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _sending = new(1);

    public string Authorization { get; } = context.Request.Headers.Authorization.ToString();

    public IReadOnlyList<string> Subprotocols { get; } = [.. context.WebSockets.WebSocketRequestedProtocols];

    /// <summary>Whether pings and unsubscribes go unanswered.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Close code that the SDK sent; null when it closed without one.</summary>
    public int? CloseCode => (int?)socket.CloseStatus;

    /// <summary>Completes when the SDK's side has ended.</summary>
    public Task Ended => _ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    if (socket.State == WebSocketState.CloseReceived)
                    {
                        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, cancellationToken);
                    }

                    return;
                }

                var frame = JsonSerializer.Deserialize(buffer.AsSpan(0, result.Count), ContractsJsonContext.Default.ClientFrame)!;
                if (!await AnsweredAsync(frame))
                {
                    _frames.Writer.TryWrite(frame);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            // The SDK left without a close frame, or the test cut the line: tests look at CloseCode.
        }
        finally
        {
            _frames.Writer.TryComplete();
            _ended.TrySetResult();
        }
    }

    /// <summary>The next frame, which must be of this type.</summary>
    public async Task<ClientFrame> NextAsync(string type)
    {
        var frame = await _frames.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(type, frame.Type);
        return frame;
    }

    /// <summary>Answers the routine frames.</summary>
    private async Task<bool> AnsweredAsync(ClientFrame frame)
    {
        switch (frame.Type)
        {
            case FrameTypes.Ping when !IsSilent:
                await SendAsync(new ServerFrame(FrameTypes.Pong, frame.Id));
                return true;
            case FrameTypes.Unsubscribe when !IsSilent:
                await SendAsync(new ServerFrame(FrameTypes.Unsubscribed, frame.Id, frame.Room, Reason: "requested"));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes the next subscribe frame and accepts it.</summary>
    public async Task<ClientFrame> SubscribedAsync(long head = 0, RoomLayout? layout = null)
    {
        var frame = await NextAsync(FrameTypes.Subscribe);
        await SendAsync(new ServerFrame(FrameTypes.Subscribed, frame.Id, frame.Room, After: frame.After ?? head, Head: head, Layout: layout));
        return frame;
    }

    public Task MessageAsync(string room, long seq)
    {
        var message = FakeServices.Message(room, seq);
        return SendAsync(new ServerFrame(FrameTypes.Message, message.Id, room, seq, message.Sender, message.Text, SentAt: message.SentAt));
    }

    public Task SendAsync(ServerFrame frame) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame, ContractsJsonContext.Default.ServerFrame));

    public async Task SendAsync(byte[] frame)
    {
        await _sending.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The SDK closed first: what is in flight is lost, as on any network.
        }
        finally
        {
            _sending.Release();
        }
    }

    public Task CloseAsync(int code, string reason = "") => socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);

    /// <summary>Cuts the line.</summary>
    public void Abort()
    {
        try
        {
            context.Abort();
        }
        catch (ObjectDisposedException)
        {
            // The SDK was faster: the request is over already.
        }
    }
}
