using System.Text;
using Contracts;
using Contracts.Public;
using static Tests.Infrastructure.Caller;

namespace Tests.Session;

/// <summary>Invalid input is refused, and the answer names the field.</summary>
public sealed class BadInputTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private const string Good = "\"password\":\"correct horse battery\"";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string> Bodies => new()
    {
        { "/v1/login", "", "", ProblemTypes.InvalidRequest },
        { "/v1/login", "{", "$", ProblemTypes.InvalidRequest },
        { "/v1/login", "[]", "$", ProblemTypes.InvalidRequest },
        { "/v1/login", "null", "", ProblemTypes.InvalidRequest },
        { "/v1/login", "\"x\"", "$", ProblemTypes.InvalidRequest },
        { "/v1/login", "{}", "tenant", ProblemTypes.InvalidId },
        { "/v1/login", "{\"tenant\":\"a:b\",\"username\":\"ada\"," + Good + "}", "tenant", ProblemTypes.InvalidId },
        { "/v1/login", "{\"tenant\":7,\"username\":\"ada\"," + Good + "}", "$.tenant", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\"," + Good + "}", "$.username", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\",\"username\":null," + Good + "}", "$.username", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\",\"username\":\"..\"," + Good + "}", "$.username", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\",\"username\":\"a\\u0000b\"," + Good + "}", "$.username", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\",\"username\":\"ada\",\"username\":\"bob\"," + Good + "}", "$.username", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\",\"username\":\"ada\"}", "$.password", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\",\"username\":\"ada\",\"password\":{}}", "$.password", ProblemTypes.InvalidRequest },
        { "/v1/login", "{\"tenant\":\"a\",\"username\":\"ada\",\"password\":\"" + new string('x', 257) + "\"}", "$.password", ProblemTypes.InvalidRequest },
        { "/v1/refresh", "{}", "$.refreshToken", ProblemTypes.InvalidRequest },
        { "/v1/refresh", "{\"refreshToken\":\"\"}", "$.refreshToken", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"name\":\"T\",\"admin\":{\"username\":\"ada\"," + Good + "}}", "tenant", ProblemTypes.InvalidId },
        { "/v1/tenants", "{\"tenant\":\"t\",\"admin\":{\"username\":\"ada\"," + Good + "}}", "$.name", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"a\\nb\",\"admin\":{\"username\":\"ada\"," + Good + "}}", "$.name", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\"}", "$.admin", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"a b\"," + Good + "}}", "$.admin.username", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"ada\",\"password\":\"short\"}}", "$.admin.password", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"adalovelace\",\"password\":\"AdaLovelace\"}}", "$.admin.password", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"ada\"," + Good + ",\"displayName\":\"\\u202e\"}}", "$.admin.displayName", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"ada\"," + Good + ",\"displayName\":\"\\u200d\"}}", "$.admin.displayName", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"ada\"," + Good + ",\"displayName\":\"\\u3164\"}}", "$.admin.displayName", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"\\u0430dmin\"," + Good + "}}", "$.admin.username", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"ada\",\"password\":\"Password1\"}}", "$.admin.password", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"admin\":{\"username\":\"ada\",\"password\":\"iloveyou\"}}", "$.admin.password", ProblemTypes.InvalidRequest },
        { "/v1/tenants", "{\"tenant\":\"t\",\"name\":\"T\",\"openRegistration\":\"yes\",\"admin\":{\"username\":\"ada\"," + Good + "}}", "$.openRegistration", ProblemTypes.InvalidRequest },
        { "/v1/tenants/a:b/users", "{\"username\":\"ada\"," + Good + "}", "tenant", ProblemTypes.InvalidId },
        { "/v1/tenants/t/users", "{\"username\":\"ada\"}", "$.password", ProblemTypes.InvalidRequest },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task BodyIsRefused_AndTheFieldIsNamed(string route, string body, string path, string type)
    {
        var problem = await RefusedAsync(PostAsync(route, body), 400, type);
        if (path.Length > 0)
        {
            Assert.Equal(path, problem.GetProperty("path").GetString());
        }
    }

    [Fact]
    public async Task LongBody_IsRefused_BeforeItIsRead()
    {
        await RefusedAsync(PostAsync("/v1/login", "{\"tenant\":\"" + new string('x', 20_000) + "\"}"), 413, ProblemTypes.PayloadTooLarge);
        using var chunked = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes("{\"tenant\":\"" + new string('x', 200_000) + "\"}")));
        chunked.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/login") { Content = chunked, Headers = { TransferEncodingChunked = true } };
        await RefusedAsync(system.Http.SendAsync(request, Token), 413, ProblemTypes.PayloadTooLarge);
    }

    [Fact]
    public async Task BodyOfAnotherKind_IsRefused()
    {
        using var form = new StringContent("tenant=a", Encoding.UTF8, "application/x-www-form-urlencoded");
        await RefusedAsync(system.Http.PostAsync(new Uri("/v1/login", UriKind.Relative), form, Token), 415, ProblemTypes.UnsupportedMediaType);
        using var broken = new ByteArrayContent([.. "{\"tenant\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        broken.Headers.ContentType = new("application/json");
        await RefusedAsync(system.Http.PostAsync(new Uri("/v1/login", UriKind.Relative), broken, Token), 400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task UnknownRoutesAndMethods_AreProblemsToo()
    {
        await RefusedAsync(system.Http.GetAsync(new Uri("/v1/nothing", UriKind.Relative), Token), 404, ProblemTypes.NotFound);
        await RefusedAsync(system.Http.GetAsync(new Uri("/v1/login", UriKind.Relative), Token), 405, ProblemTypes.MethodNotAllowed);
    }

    [Fact]
    public async Task UnknownMembers_AreIgnored()
    {
        var admin = await system.SignUpAsync();
        await ReadAsync(PostAsync("/v1/login", $$"""{"tenant":"{{admin.Tenant}}","username":"admin","password":"{{SessionSystem.Password}}","new":[1]}"""), 200);
        await RefusedAsync(system.MeAsync("x"), 401, ProblemTypes.Unauthenticated);
        Assert.Equal("/v1/me", SessionRoutes.Me);
    }

    private async Task<HttpResponseMessage> PostAsync(string route, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await system.Http.PostAsync(new Uri(route, UriKind.Relative), content, Token);
    }
}
