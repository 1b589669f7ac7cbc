using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Client;
using Contracts;
using Contracts.Public;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Client;

/// <summary>What each call of the SDK puts on the wire, and what it makes of the answer.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly FakeTimeProvider _time = new();
    private WebApplication _app = null!;
    private ChatClient _client = null!;
    private Func<HttpContext, Task> _answer = static context => context.Response.WriteAsync("{}", context.RequestAborted);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost(SessionRoutes.Login, static () => Results.Json(
            new TokenResponse("access", "refresh", 600, "Bearer", "s", new UserInfo("u", "ada", "Ada", "member", DateTimeOffset.UnixEpoch), "acme"),
            PublicJsonContext.Default.TokenResponse));
        _app.MapFallback("{**path}", HandleAsync);
        await _app.StartAsync(Token);
        var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _client = new ChatClient(new ChatClientOptions
        {
            Session = address,
            Chat = address,
            Fileman = address,
            Realtime = address,
            Time = _time,
        });
        Assert.True((await _client.LoginAsync(new LoginRequest("acme", "ada", "correct horse"), Token)).IsSuccess);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task EveryCall_UsesItsRoute()
    {
        // Ids are escaped even where they could not be valid: no id becomes another path.
        (Func<Task> Call, string Expected)[] calls =
        [
            (() => _client.Rooms.CreateAsync(new NewRoom("R", "r"), Token), "POST /v1/rooms {\"name\":\"R\",\"id\":\"r\"}"),
            (() => _client.Rooms.ListAsync(cancellationToken: Token), "GET /v1/rooms?limit=200"),
            (() => _client.Rooms.ListAsync("a", 10, Token), "GET /v1/rooms?after=a&limit=10"),
            (() => _client.Rooms.ListPublicAsync(cancellationToken: Token), "GET /v1/rooms/public?limit=200"),
            (() => _client.Rooms.GetAsync("a/../b", Token), "GET /v1/rooms/a%2F..%2Fb"),
            (() => _client.Rooms.JoinAsync("r", Token), "POST /v1/rooms/r/join"),
            (() => _client.Rooms.LeaveAsync("r", Token), "POST /v1/rooms/r/leave"),
            (() => _client.Rooms.ListMembersAsync("r", cancellationToken: Token), "GET /v1/rooms/r/members?limit=200"),
            (() => _client.Rooms.PutMemberAsync("r", "u", new MemberChange("owner"), Token), "PUT /v1/rooms/r/members/u {\"role\":\"owner\"}"),
            (() => _client.Rooms.RemoveMemberAsync("r", "u", Token), "DELETE /v1/rooms/r/members/u"),
            (() => _client.Rooms.MarkReadAsync("r", 7, Token), "PUT /v1/rooms/r/read {\"seq\":7}"),
            (() => _client.Rooms.GetUnreadAsync(Token), "GET /v1/unread"),
            (() => _client.Messages.PostAsync("r", new NewMessage("hi", "m"), Token), "POST /v1/rooms/r/messages {\"text\":\"hi\",\"id\":\"m\"}"),
            (() => _client.Messages.GetAfterAsync("r", 5, 10, Token), "GET /v1/rooms/r/messages?after=5&limit=10"),
            (() => _client.Messages.GetBeforeAsync("r", 5, 10, Token), "GET /v1/rooms/r/messages?before=5&limit=10"),
            (() => _client.Messages.GetBeforeAsync("r", cancellationToken: Token), "GET /v1/rooms/r/messages?limit=50"),
            (() => _client.Files.GetAsync("f", Token), "GET /v1/files/f"),
            (() => _client.Files.ListAsync(cancellationToken: Token), "GET /v1/files?limit=200"),
            (() => _client.Files.GetLimitsAsync(Token), "GET /v1/files/limits"),
            (() => _client.Files.DeleteAsync("f", Token), "DELETE /v1/files/f"),
            (() => _client.Account.GetMeAsync(Token), "GET /v1/me"),
            (() => _client.Account.ListSessionsAsync(cancellationToken: Token), "GET /v1/sessions?limit=200"),
            (() => _client.Account.RevokeSessionAsync("s2", Token), "DELETE /v1/sessions/s2"),
            (() => _client.Account.RevokeOtherSessionsAsync(Token), "DELETE /v1/sessions"),
            (() => _client.Account.ChangePasswordAsync(new ChangePasswordRequest("old", "new"), Token), "PUT /v1/me/password {\"currentPassword\":\"old\",\"newPassword\":\"new\"}"),
            (() => _client.Account.ChangeNameAsync(new ChangeNameRequest("Ada"), Token), "PUT /v1/me {\"displayName\":\"Ada\"}"),
            (() => _client.Account.ListUsersAsync("an", "x", 5, deactivated: true, Token), "GET /v1/users?after=x&limit=5&prefix=an&deactivated=true"),
            (() => _client.Account.GetUserAsync("bob", Token), "GET /v1/users/bob"),
            (() => _client.Account.ResetPasswordAsync("bob", new ResetPasswordRequest("new"), Token), "PUT /v1/users/bob/password {\"newPassword\":\"new\"}"),
            (() => _client.Account.SetUserActiveAsync("bob", new UserActiveRequest(false), Token), "PUT /v1/users/bob/active {\"active\":false}"),
            (() => _client.Account.SetUserRoleAsync("bob", new UserRoleRequest("admin"), Token), "PUT /v1/users/bob/role {\"role\":\"admin\"}"),
            (() => _client.Account.RemoveUserAsync("bob", Token), "DELETE /v1/users/bob"),
            (() => _client.Account.LogoutAsync(Token), "POST /v1/logout"),
        ];
        foreach (var (call, expected) in calls)
        {
            await call();
            Assert.True(_requests.TryDequeue(out var request), expected);
            Assert.Equal(expected, request);
        }

        // Logged out: nothing is sent.
        Assert.Equal(401, (await _client.Account.GetMeAsync(Token)).Problem!.Status);
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task Problem_KeepsTypeDetailAndTime()
    {
        _answer = static context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            context.Response.ContentType = "application/problem+json";
            return context.Response.WriteAsync("""{"type":"urn:problem:too-many-requests","title":"T","status":429,"detail":"slow down","traceId":"x"}""", context.RequestAborted);
        };
        var problem = (await _client.Rooms.ListAsync(cancellationToken: Token)).Problem!;
        Assert.Equal((429, ProblemTypes.TooManyRequests, "slow down", TimeSpan.FromSeconds(7)), (problem.Status, problem.Type, problem.Detail, problem.RetryAfter));
        Assert.True(problem.IsTransient);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("null")]
    public async Task AnswerThatIsNotOurs_IsALostDependency(string body)
    {
        _answer = context => context.Response.WriteAsync(body, context.RequestAborted);
        Assert.Equal(ProblemTypes.DependencyUnavailable, (await _client.Rooms.GetAsync("r", Token)).Problem!.Type);
    }

    [Fact]
    public async Task ServerThatIsAway_IsAProblem_AndCancellationIsNot()
    {
        await _app.StopAsync(Token);
        Assert.Equal(503, (await _client.Rooms.GetAsync("r", Token)).Problem!.Status);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.Rooms.GetAsync("r", cancelled.Token));
    }

    [Fact]
    public async Task Upload_IsStreamed_AndItsNameTravels()
    {
        string? name = null, type = null;
        long received = 0;
        _answer = async context =>
        {
            name = Uri.UnescapeDataString(context.Request.Headers[FileRoutes.FileNameHeader].ToString());
            type = context.Request.ContentType;
            var buffer = new byte[8192];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                received += read;
            }

            context.Response.StatusCode = 201;
            await context.Response.WriteAsJsonAsync(
                new FileView("f", "u", name, type!, received, "", DateTimeOffset.UnixEpoch), ContractsJsonContext.Default.FileView, cancellationToken: context.RequestAborted);
        };
        await using var content = new MemoryStream(new byte[1_000_000]);
        var file = (await _client.Files.UploadAsync(content, "bühne \"1\".png", "image/png", Token)).Value;
        Assert.Equal(("bühne \"1\".png", "image/png", 1_000_000), (file.Name, file.ContentType, file.Size));
        Assert.True(content.CanRead);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(4, false)]
    public async Task Download_WritesFromTheOffset_EvenWhereRangesAreIgnored(int offset, bool honoursRanges)
    {
        var bytes = Encoding.ASCII.GetBytes("0123456789");
        _answer = async context =>
        {
            var from = honoursRanges && context.Request.Headers.Range.ToString() is { Length: > 0 } range
                ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture)
                : 0;
            context.Response.StatusCode = from > 0 ? 206 : 200;
            await context.Response.Body.WriteAsync(bytes.AsMemory(from), context.RequestAborted);
        };
        await using var target = new MemoryStream();
        Assert.Equal(10 - offset, (await _client.Files.DownloadAsync("f", target, offset, Token)).Value);
        Assert.Equal("0123456789"[offset..], Encoding.ASCII.GetString(target.ToArray()));
    }

    private async Task HandleAsync(HttpContext context)
    {
        Assert.Equal("Bearer access", context.Request.Headers.Authorization.ToString());
        if (context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != false)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            _requests.Enqueue($"{context.Request.Method} {target} {(body.Length == 0 ? "" : JsonSerializer.Deserialize<JsonElement>(body).GetRawText())}".TrimEnd());
        }

        context.Response.ContentType = "application/json";
        await _answer(context);
    }
}
