using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;
using Tests.Infrastructure;

namespace Tests.ServiceDefaults;

public sealed class UserAuthenticationTests : IDisposable
{
    private readonly TestIssuer _issuer = new();

    public void Dispose() => _issuer.Dispose();

    [Fact]
    public async Task KnowsTheUser_WhenTheTokenIsValid()
    {
        await using var host = await StartAsync();
        using var response = await SendAsync(host, _issuer.Token());

        var user = await response.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("acme", user.GetProperty("tenant").GetString());
        Assert.Equal("u1", user.GetProperty("user").GetString());
        Assert.Equal("s1", user.GetProperty("session").GetString());
        Assert.Equal("Ann", user.GetProperty("name").GetString());
        Assert.True(user.GetProperty("isAdmin").GetBoolean());
    }

    [Fact]
    public async Task Is401_WhenThereIsNoToken()
    {
        await using var host = await StartAsync();
        using var response = await host.Client.GetAsync("/me", TestContext.Current.CancellationToken);

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    public static TheoryData<string> Forgeries => new(All.Keys);

    /// <summary>Each makes a token that looks right and must not be accepted.</summary>
    private static readonly Dictionary<string, Func<TestIssuer, string>> All = new(StringComparer.Ordinal)
    {
        ["expired"] = issuer => issuer.Token(now: TimeProvider.System.GetUtcNow().AddMinutes(-20)),
        ["not valid yet"] = issuer => issuer.Token(now: TimeProvider.System.GetUtcNow().AddMinutes(5)),
        ["no expiry"] = issuer => WithPayload(issuer, payload => payload.Remove("exp")),
        ["wrong issuer"] = issuer => issuer.Token(issuer: "evil"),
        ["wrong audience"] = issuer => issuer.Token(audience: "internal"),
        ["no audience"] = issuer => WithPayload(issuer, payload => payload.Remove("aud")),
        ["another's key under a known id"] = issuer => Signed(issuer, ECDsa.Create(ECCurve.NamedCurves.nistP256), issuer.KeyId),
        ["unknown key id"] = issuer => Signed(issuer, ECDsa.Create(ECCurve.NamedCurves.nistP256), "k9"),
        ["no key id"] = issuer => Header(issuer, header => header.Remove("kid")),
        ["alg none, no signature"] = issuer => Header(issuer, header => header["alg"] = "none", signature: ""),
        ["alg None, old signature"] = issuer => Header(issuer, header => header["alg"] = "None"),
        ["HS256 keyed with the public key's JWK"] = issuer => Hmac(issuer, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(issuer.Jwk(issuer.KeyId)))),
        ["HS256 keyed with the public key's DER"] = issuer => Hmac(issuer, issuer.Key.ExportSubjectPublicKeyInfo()),
        ["HS256 keyed with the public key's PEM"] = issuer => Hmac(issuer, Encoding.ASCII.GetBytes(issuer.Key.ExportSubjectPublicKeyInfoPem())),
        ["ES384"] = issuer => Header(issuer, header => header["alg"] = "ES384"),
        ["RS256"] = Rsa,
        ["changed payload"] = issuer => WithPayload(issuer, payload => payload["tid"] = "other", resign: false),
        ["key brought along"] = BringsItsKey,
        ["no tenant"] = issuer => issuer.Token(Without("tid")),
        ["no user"] = issuer => issuer.Token(Without("sub")),
        ["no session"] = issuer => issuer.Token(Without("sid")),
        ["tenant that names a channel"] = issuer => issuer.Token(With("tid", "acme:room:1")),
        ["empty user"] = issuer => issuer.Token(With("sub", "")),
        ["too long"] = issuer => issuer.Token(With("name", new string('x', 8_000))),
        ["garbage"] = _ => "garbage",
        ["three dots"] = _ => "a.b.c",
        ["empty"] = _ => "",
        ["a service's token"] = _ => TestKeys.Token(ServiceNames.Session, ServiceNames.Chat),
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Is401_WhenTheTokenIsForged(string forgery)
    {
        await using var host = await StartAsync();
        using var response = await SendAsync(host, All[forgery](_issuer));

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
        Assert.Empty(host.Logs.Errors);
    }

    [Fact]
    public async Task Is401_WhenThereAreTwoAuthorizationHeaders()
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        request.Headers.TryAddWithoutValidation("Authorization", [$"Bearer {_issuer.Token()}", "Bearer other"]);
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task TakesTheTokenFromTheSubprotocols_WhenABrowserOpensAWebSocket()
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me") { Headers = { { "Sec-WebSocket-Protocol", $"chat.v1, bearer.{_issuer.Token()}" } } };
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Is503AndNot401_WhenTheIssuerIsAway()
    {
        _issuer.OnRead = () => throw new HttpRequestException("connection refused");
        await using var host = await StartAsync();
        using var response = await SendAsync(host, _issuer.Token());

        await response.ProblemAsync(503, ProblemTypes.DependencyUnavailable);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task ReadsTheJwksThroughDiscovery_WhenItIsNotTheIssuerItself()
    {
        await using var session = await ServiceHost.StartAsync(map: app => app.MapGet("/.well-known/jwks.json", () => Results.Json(new
        {
            keys = _issuer.Published.Select(key => new { kty = key.Kty, crv = key.Crv, kid = key.Kid, use = key.Use, alg = key.Alg, x = key.X, y = key.Y }),
        })));
        await using var host = await ServiceHost.StartAsync(
            builder => builder.AddUserAuthentication(),
            MapMe,
            settings: new() { ["services:session:http:0"] = session.Address.ToString() });
        using var response = await SendAsync(host, _issuer.Token());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task EndsTheStart_WhenAnEndpointDoesNotSayWhoMayCall()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => ServiceHost.StartAsync(
            builder => builder.AddUserAuthentication(), app => app.MapGet("/forgotten", () => "open")));

        Assert.Contains("/forgotten", exception.Message);
        Assert.DoesNotContain("/health", exception.Message);
    }

    private static Dictionary<string, object> With(string name, string value) => new(TestIssuer.Claims, StringComparer.Ordinal) { [name] = value };

    private static Dictionary<string, object> Without(string name)
    {
        var claims = TestIssuer.Claims;
        claims.Remove(name);
        return claims;
    }

    private static string Signed(TestIssuer issuer, ECDsa key, string keyId) => issuer.Token(signing: TestIssuer.Signing(key, keyId));

    private static string Hmac(TestIssuer issuer, byte[] key)
    {
        var parts = issuer.Token().Split('.');
        var header = Base64UrlEncoder.Encode($$"""{"alg":"HS256","kid":"{{issuer.KeyId}}","typ":"JWT"}""");
        var signed = $"{header}.{parts[1]}";
        return $"{signed}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Rsa(TestIssuer issuer)
    {
        using var rsa = RSA.Create(2048);
        return issuer.Token(signing: new SigningCredentials(new RsaSecurityKey(rsa.ExportParameters(true)) { KeyId = issuer.KeyId }, SecurityAlgorithms.RsaSha256));
    }

    /// <summary>Signed by its own key, which the header offers as jwk.</summary>
    private static string BringsItsKey(TestIssuer issuer)
    {
        using var thief = new TestIssuer();
        var parts = thief.Token().Split('.');
        var jwk = thief.Jwk(thief.KeyId);
        var header = Base64UrlEncoder.Encode(
            $$"""{"alg":"ES256","kid":"{{issuer.KeyId}}","jwk":{"kty":"EC","crv":"P-256","x":"{{jwk.X}}","y":"{{jwk.Y}}"} }""");
        return Sign(thief.Key, header, parts[1]);
    }

    private static string Header(TestIssuer issuer, Action<Dictionary<string, object>> change, string? signature = null)
    {
        var parts = issuer.Token().Split('.');
        var header = JsonSerializer.Deserialize<Dictionary<string, object>>(Base64UrlEncoder.Decode(parts[0]))!;
        change(header);
        var encoded = Base64UrlEncoder.Encode(JsonSerializer.Serialize(header));
        return signature is null ? Sign(issuer.Key, encoded, parts[1]) : $"{encoded}.{parts[1]}.{signature}";
    }

    private static string WithPayload(TestIssuer issuer, Action<Dictionary<string, object>> change, bool resign = true)
    {
        var parts = issuer.Token().Split('.');
        var payload = JsonSerializer.Deserialize<Dictionary<string, object>>(Base64UrlEncoder.Decode(parts[1]))!;
        change(payload);
        var encoded = Base64UrlEncoder.Encode(JsonSerializer.Serialize(payload));
        return resign ? Sign(issuer.Key, parts[0], encoded) : $"{parts[0]}.{encoded}.{parts[2]}";
    }

    private static string Sign(ECDsa key, string header, string payload) =>
        $"{header}.{payload}.{Base64UrlEncoder.Encode(key.SignData(Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256))}";

    private static async Task<HttpResponseMessage> SendAsync(ServiceHost host, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static void MapMe(WebApplication app) => app.MapGet("/me", (UserIdentity user) => user).RequireAuthorization(Policies.User);

    private Task<ServiceHost> StartAsync() => ServiceHost.StartAsync(
        builder =>
        {
            builder.Services.AddSingleton<IUserKeySource>(_issuer);
            builder.AddUserAuthentication();
        },
        MapMe);
}
