using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Contracts;
using Contracts.Frames;
using Contracts.Public;
using Contracts.Publish;
using Contracts.Sessions;
using Tests.Client.JavaScript;
using Tests.Infrastructure;
using Tests.Realtime;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>
/// Every service refuses an ended session. The tests write its end to the database without session, so no notice is sent: a notice that the broker
/// lost, or that missed a cut-off node, looks the same.
/// </summary>
public sealed class RevocationReachTests(RunningServices services) : IClassFixture<RunningServices>
{
    private const string AnyTenant = "reach";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EndedSessionIsRefusedEverywhere_AndItsSocketsClose_AndTheUsersOthersGoOn()
    {
        var (ended, kept) = await SessionsAsync();
        var room = await CreateRoomAsync(kept);
        await using var socket = await TestSocket.ConnectAsync(services.Realtime, ended.AccessToken);
        await socket.ExpectAsync("welcome");
        await using var other = await TestSocket.ConnectAsync(services.Realtime, kept.AccessToken);
        await other.ExpectAsync("welcome");
        foreach (var call in Calls(room))
        {
            Assert.InRange(await call(ended.AccessToken), 101, 299);
        }

        await EndAsync(ended);

        await Task.WhenAll(Calls(room).Select(call => Eventually.ClearAsync(async () =>
            await call(ended.AccessToken) is var status && status == 401 ? null : $"a service answered {status}")));
        Assert.Equal(CloseCodes.SessionRevoked, (await socket.ClosedAsync()).Code);

        foreach (var call in Calls(room))
        {
            Assert.InRange(await call(kept.AccessToken), 101, 299);
        }

        await other.SendAsync(new ClientFrame(FrameTypes.Ping, "p"));
        await other.ExpectAsync("pong");
    }

    [Fact]
    public async Task TokenOfAnEndedSession_RenewsNoSocket()
    {
        var (ended, kept) = await SessionsAsync();
        await using var socket = await TestSocket.ConnectAsync(services.Realtime, kept.AccessToken);
        await socket.ExpectAsync("welcome");
        await EndAsync(ended);
        await Eventually.ClearAsync(async () => await HandshakeAsync(services.Realtime, ended.AccessToken) is var status && status == 401 ? null : $"the handshake was answered {status}");

        await socket.SendAsync(new ClientFrame(FrameTypes.Auth, "a", Token: ended.AccessToken));

        Assert.Equal(ErrorCodes.BadToken, (await socket.ExpectAsync("error")).Code);
    }

    [Fact]
    public async Task NodeThatStartsLater_KnowsWhatEndedBefore()
    {
        var (ended, kept) = await SessionsAsync();
        await EndAsync(ended);
        await using var node = services.StartRealtime();
        Assert.Equal(401, await HandshakeAsync(node.Address, ended.AccessToken));
        Assert.Equal(101, await HandshakeAsync(node.Address, kept.AccessToken));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UserWhoIsRemovedOrDeactivated_IsRefusedEverywhere_AndItsSocketsClose_AndItsRoomsHear(bool removed)
    {
        var (admin, bob) = await UsersAsync();
        var room = await CreateRoomAsync(admin);
        Assert.Equal(201, await SendAsync(services.Chat, HttpMethod.Put, $"/v1/rooms/{room}/members/{bob.User.Id}", admin.AccessToken, "{}", "application/json"));
        await using var socket = await TestSocket.ConnectAsync(services.Realtime, bob.AccessToken);
        await socket.ExpectAsync("welcome");
        await socket.SubscribeAsync(room);
        await using var other = await TestSocket.ConnectAsync(services.Realtime, admin.AccessToken);
        await other.ExpectAsync("welcome");
        await other.SubscribeAsync(room);
        foreach (var call in Calls(room))
        {
            Assert.InRange(await call(bob.AccessToken), 101, 299);
        }

        var path = "/v1/users/" + bob.User.Id;
        var status = removed
            ? await SendAsync(services.Session, HttpMethod.Delete, path, admin.AccessToken)
            : await SendAsync(services.Session, HttpMethod.Put, path + "/active", admin.AccessToken, """{"active":false}""", "application/json");

        Assert.Equal(removed ? 204 : 200, status);
        await Task.WhenAll(Calls(room).Select(call => Eventually.ClearAsync(async () =>
            await call(bob.AccessToken) is var answer && answer == 401 ? null : $"a service answered {answer}")));
        Assert.Equal(CloseCodes.SessionRevoked, (await socket.ClosedAsync()).Code);
        if (removed)
        {
            ServerFrame heard;
            do
            {
                heard = await other.NextAsync();
            }
            while (heard.Event != SystemEvents.MemberRemoved);

            Assert.Equal((bob.User.Id, "removed"), (heard.User, heard.Data?.GetProperty("user").GetString()));
        }

        await other.SendAsync(new ClientFrame(FrameTypes.Ping, "p"));
        while ((await other.NextAsync()).Type != FrameTypes.Pong)
        {
            // Messages of before.
        }
    }

    private async Task<(TokenResponse Admin, TokenResponse Bob)> UsersAsync()
    {
        using var http = new HttpClient { BaseAddress = services.Session };
        var tenant = $"{AnyTenant}-{Guid.NewGuid():N}";
        var admin = await TokensAsync(PostAsync(http, SessionRoutes.Tenants, new SignUpRequest(tenant, "T", new RegisterRequest("admin", Password))), 201);
        return (admin, await TokensAsync(PostAsync(http, $"/v1/tenants/{tenant}/users", new RegisterRequest("bob", Password)), 201));
    }

    private Func<string, Task<int>>[] Calls(string room) =>
    [
        token => SendAsync(services.Chat, HttpMethod.Get, "/v1/rooms", token),
        token => SendAsync(services.Chat, HttpMethod.Post, $"/v1/rooms/{room}/messages", token, """{"text":"hello"}""", "application/json"),
        token => SendAsync(services.Fileman, HttpMethod.Post, "/v1/files", token, "hello", "text/plain"),
        token => SendAsync(services.Session, HttpMethod.Get, SessionRoutes.Me, token),
        token => HandshakeAsync(services.Realtime, token),
    ];

    private async Task<(TokenResponse Ended, TokenResponse Kept)> SessionsAsync()
    {
        using var http = new HttpClient { BaseAddress = services.Session };
        var tenant = $"{AnyTenant}-{Guid.NewGuid():N}";
        var kept = await TokensAsync(PostAsync(http, SessionRoutes.Tenants, new SignUpRequest(tenant, "T", new RegisterRequest("admin", Password))), 201);
        return (await TokensAsync(PostAsync(http, SessionRoutes.Login, new LoginRequest(tenant, "admin", Password))), kept);
    }

    private async Task EndAsync(TokenResponse session) => Assert.Equal(
        [session.SessionId],
        (await services.Dbman.Client.Sessions.RevokeAsync(session.Tenant, session.User.Id, new RevokeSessionsRequest("test", session.SessionId), Token)).Value.Revoked);

    private async Task<string> CreateRoomAsync(TokenResponse user)
    {
        using var http = new HttpClient { BaseAddress = services.Chat, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", user.AccessToken) } };
        using var body = new StringContent("""{"name":"Room"}""", Encoding.UTF8, "application/json");
        var room = await Caller.ReadAsync(http.PostAsync(new Uri("/v1/rooms", UriKind.Relative), body, Token), 201);
        return room.GetProperty("id").GetString()!;
    }

    internal static async Task<int> SendAsync(Uri service, HttpMethod method, string path, string token, string? body = null, string? type = null)
    {
        using var http = new HttpClient { BaseAddress = service };
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type!);
        }

        using var response = await http.SendAsync(request, Token);
        return (int)response.StatusCode;
    }

    /// <summary>Status of the answer to an upgrade.</summary>
    internal static async Task<int> HandshakeAsync(Uri node, string token)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(FrameTypes.Subprotocol);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{node.Authority}/v1/ws"), Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return (int)socket.HttpStatusCode;
    }
}
