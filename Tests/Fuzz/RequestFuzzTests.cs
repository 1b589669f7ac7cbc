using System.Text;
using System.Text.RegularExpressions;
using Fileman;
using Microsoft.AspNetCore.Routing;
using Session;
using Tests.Chat;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Fuzz;

/// <summary>Nearly valid requests to every public route of the callers. None causes a fault of the services, and no other user is affected.</summary>
public sealed partial class RequestFuzzTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    private const int Parallel = 8;

    /// <summary>After so many requests the users who did nothing are checked.</summary>
    private const int Bystand = 100;

    private static readonly (string Key, string Value)[] Limits =
    [
        ("Limits:BodyTimeout", "00:00:01"),
        ("Limits:HeadersTimeout", "00:00:01"),
        ("Limits:KeepAliveTimeout", "00:00:01"),
        ("Limits:RequestTimeout", "00:00:10"),
    ];

    private static readonly (string Name, string Value)[] Known =
        [("{room}", "r"), ("{user}", "ann"), ("{file}", "f1"), ("{seq}", "1"), ("{tenant}", "nowhere"), ("{session}", "s-ann"), ("{username}", "ann")];

    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["POST /v1/rooms"] = """{"id":"r2","name":"Room","visibility":"public"}""",
        ["POST /v1/rooms/{room}/messages"] = """{"id":"m1","text":"hello","attachments":["f1"]}""",
        ["PUT /v1/rooms/{room}/members/{user}"] = """{"role":"member"}""",
        ["PUT /v1/rooms/{room}/read"] = """{"seq":1}""",
        ["POST /v1/files"] = "just text",
        ["POST /v1/tenants"] = """{"tenant":"fuzz","name":"Fuzz","admin":{"username":"admin","password":"correct horse battery","displayName":"A"},"openRegistration":true}""",
        ["POST /v1/login"] = """{"tenant":"nowhere","username":"ann","password":"correct horse battery"}""",
        ["POST /v1/refresh"] = """{"refreshToken":"abc"}""",
        ["PUT /v1/me/password"] = """{"currentPassword":"correct horse battery","newPassword":"correct horse battery 2"}""",
    };

    [Fact]
    public async Task NothingFailsOnOurSide_WhateverRequestComes()
    {
        var run = new FuzzRun("FUZZ_REQUESTS", 1_500);
        var (folder, tenant) = (Directory.CreateTempSubdirectory("fuzz-"), await system.CreateTenantAsync("ann", "bob"));
        await using var chat = system.StartChat(system.Realtime, Limits);
        await using var fileman = RunningService<FilemanTelemetry>.Start(Settings(("Blobs:Folder", folder.FullName)));
        await using var session = RunningService<SessionTelemetry>.Start(Settings(("Passwords:Iterations", "100000"), ("AddressLimit:Burst", "1000000")));
        using var bystander = new Caller(chat.Address, tenant.Id, "bob");
        await ReadAsync(bystander.PostAsync("/v1/rooms", """{"id":"quiet","name":"Quiet"}"""), 201);
        await ReadAsync(bystander.PostAsync("/v1/rooms", """{"id":"r","name":"R","visibility":"public"}"""), 201);

        (Uri Address, FuzzRoute Route)[] routes = [.. RoutesOf(chat), .. RoutesOf(fileman), .. RoutesOf(session)];
        Assert.True(routes.Length >= 25, $"Only {routes.Length} routes were found.");
        var token = TestUsers.Token(tenant.Id, "ann");
        var statuses = new int[600];
        var posted = 0;
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Enumerable.Range(0, run.Size),
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = TestContext.Current.CancellationToken },
            async (number, _) =>
            {
                var random = run.Of(number);
                var (address, route) = routes[random.Next(routes.Length)];
                var request = new RequestMutator(random).Make(route, token);
                var answer = await AnswerAsync(address, request);
                var status = RawHttp.StatusOf(answer) ?? 0;
                Interlocked.Increment(ref statuses[status]);
                Assert.True(
                    status is < 500 or 501 or 503 or 505,
                    run.Describe(number, $"{Encoding.Latin1.GetString(request)}\nwas answered by\n{answer}"));
                if (number % Bystand == 0)
                {
                    // 200: an answer of Dbman's was lost on the way to Chat, which asked again.
                    using var post = await bystander.PostAsync("/v1/rooms/quiet/messages", $$"""{"id":"b{{number}}","text":"still here"}""");
                    Assert.True((int)post.StatusCode is 200 or 201, run.Describe(number, $"then a bystander's post was answered by {post.StatusCode}"));
                    Interlocked.Increment(ref posted);
                }
            });

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Join(", ", statuses.Index().Where(static pair => pair.Item > 0).Select(static pair => $"{pair.Index}: {pair.Item}")));
        var page = await ReadAsync(bystander.GetAsync("/v1/rooms/quiet/messages?limit=1"), 200);
        Assert.Equal(posted, page.GetProperty("lastSeq").GetInt32());
        await system.WaitForRelayedAsync(tenant.Id);
        folder.Delete(recursive: true);
    }

    /// <summary>No answer is an answer too: the server closes connections that do not speak HTTP.</summary>
    private static async Task<string> AnswerAsync(Uri address, byte[] request)
    {
        try
        {
            using var raw = await RawHttp.SendAsync(address, request);
            return await raw.ReadToEndAsync();
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Closed while we were still writing.
            return "";
        }
    }

    private static IEnumerable<(Uri Address, FuzzRoute Route)> RoutesOf<TEntry>(RunningService<TEntry> service)
        where TEntry : class
    {
        foreach (var endpoint in service.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = Constraint().Replace("/" + endpoint.RoutePattern.RawText!.TrimStart('/'), "$1}");
            if (pattern.StartsWith("/health", StringComparison.Ordinal) || pattern.StartsWith("/metrics", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var body = method is "GET" or "HEAD" or "DELETE" ? null : Bodies.GetValueOrDefault($"{method} {pattern}", "{}");
                yield return (service.Address, new FuzzRoute(method, pattern, Known, pattern == "/v1/files" ? "text/plain" : "application/json", body));
            }
        }
    }

    private Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["services:dbman:http:0"] = system.Dbman.Address.ToString(),
            ["services:realtime:http:0"] = system.Realtime.Address.ToString(),
        };
        foreach (var (key, value) in Limits.Concat(more))
        {
            all[key] = value;
        }

        return all;
    }

    [GeneratedRegex("(\\{[a-zA-Z]+)[:?][^}]*\\}")]
    private static partial Regex Constraint();
}
