using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Contracts;
using Contracts.Public;
using Microsoft.Extensions.Time.Testing;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;
using static Tests.Session.SessionSystem;

namespace Tests.Session;

/// <summary>Only a token that Session signed, for this use, in its time, opens anything.</summary>
public sealed class AccessTokenTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_SaysWhoWhatAndHowLong_AndNothingElse()
    {
        var admin = await system.SignUpAsync();
        var parts = admin.AccessToken.Split('.');
        var header = Decode(parts[0]);
        var claims = Decode(parts[1]);
        Assert.Equal("ES256", (string?)header["alg"]);
        Assert.Equal(
            new[] { "aud", "exp", "iat", "iss", "name", "nbf", "role", "sid", "sub", "tid" },
            claims.Select(static claim => claim.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            ("session", "chat", admin.User.Id, admin.Tenant, admin.SessionId, "The admin", "admin"),
            ((string?)claims["iss"], (string?)claims["aud"], (string?)claims["sub"], (string?)claims["tid"], (string?)claims["sid"], (string?)claims["name"], (string?)claims["role"]));
        Assert.Equal(600, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal(64, Base64Url.DecodeFromChars(parts[2]).Length);
    }

    [Fact]
    public async Task ForgedTokens_AreRefused()
    {
        var admin = await system.SignUpAsync();
        var other = await system.SignUpAsync();
        var parts = admin.AccessToken.Split('.');
        var otherParts = other.AccessToken.Split('.');
        var header = Decode(parts[0]);
        var claims = Decode(parts[1]);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = await PublicKeyAsync((string)header["kid"]!);

        var forged = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["alg none"] = $"{With(header, "alg", "none")}.{parts[1]}.",
            ["alg none, signature kept"] = $"{With(header, "alg", "none")}.{parts[1]}.{parts[2]}",
            ["alg None"] = $"{With(header, "alg", "None")}.{parts[1]}.",
            ["HS256 keyed with the public key"] = Hmac(With(header, "alg", "HS256"), parts[1], Encoding.UTF8.GetBytes(jwk)),
            ["another tenant's claims, this signature"] = $"{parts[0]}.{otherParts[1]}.{parts[2]}",
            ["tenant changed"] = $"{parts[0]}.{With(claims, "tid", other.Tenant)}.{parts[2]}",
            ["role changed"] = $"{parts[0]}.{With(claims, "role", "owner")}.{parts[2]}",
            ["expiry changed"] = $"{parts[0]}.{With(claims, "exp", 4_000_000_000)}.{parts[2]}",
            ["signed by a stranger under our kid"] = Sign(parts[0], parts[1], stranger),
            ["signed by a stranger under a kid of its own"] = Sign(With(header, "kid", "stranger"), parts[1], stranger),
            ["stranger's key in the header"] = Sign(WithJwk(header, stranger), parts[1], stranger),
            ["no kid"] = Sign(Without(header, "kid"), parts[1], stranger),
            ["kid of a path"] = Sign(With(header, "kid", "../../dev/null"), parts[1], stranger),
            ["signature of zeros"] = $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}",
            ["signature cut"] = admin.AccessToken[..^4],
            ["two parts"] = $"{parts[0]}.{parts[1]}",
            ["five parts"] = $"{admin.AccessToken}.a.b",
            ["not a token"] = "x",
            ["refresh token"] = admin.RefreshToken,
            ["much too long"] = parts[0] + "." + new string('A', 9_000) + "." + parts[2],
        };
        foreach (var (name, token) in forged)
        {
            using var response = await system.MeAsync(token);
            Assert.True((int)response.StatusCode == 401, $"{name}: {(int)response.StatusCode}");
            await RefusedAsync(Task.FromResult(response), 401, ProblemTypes.Unauthenticated);
        }

        // None of it has done any harm.
        await ReadAsync(system.MeAsync(admin.AccessToken), 200);
        using var none = await system.Http.GetAsync(new Uri(SessionRoutes.Me, UriKind.Relative), Token);
        Assert.Equal("Bearer", none.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task TokenIsRefused_PastItsTime_AndBeforeIt()
    {
        var admin = await system.SignUpAsync();
        foreach (var (minutes, accepted) in new[] { (-9, true), (-11, false), (5, false) })
        {
            // A replica whose clock shows another time, with the same keys.
            await using var replica = system.Start(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(minutes)));
            using var http = replica.ClientOf();
            var tokens = await TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: http));
            using var response = await system.MeAsync(tokens.AccessToken);
            Assert.True(response.IsSuccessStatusCode == accepted, $"{minutes} min: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task TokenForAnotherUse_IsRefused()
    {
        var admin = await system.SignUpAsync();
        foreach (var (key, value) in new[] { ("UserTokens:Audience", "another"), ("UserTokens:Issuer", "another") })
        {
            await using var replica = system.Start(settings: [(key, value)]);
            using var http = replica.ClientOf();
            var tokens = await TokensAsync(system.LoginAsync(admin.Tenant, "admin", http: http));
            await ReadAsync(system.MeAsync(tokens.AccessToken, http), 200);
            await RefusedAsync(system.MeAsync(tokens.AccessToken), 401, ProblemTypes.Unauthenticated);
        }
    }

    [Fact]
    public async Task ServiceToken_IsNoAccessToken()
    {
        await RefusedAsync(system.MeAsync(TestKeys.Token(ServiceNames.Session, ServiceNames.Chat)), 401, ProblemTypes.Unauthenticated);
    }

    private async Task<string> PublicKeyAsync(string kid)
    {
        var jwks = await ReadAsync(system.Http.GetAsync(new Uri(SessionRoutes.Jwks, UriKind.Relative), Token), 200);
        return jwks.GetProperty("keys").EnumerateArray().Single(key => key.GetProperty("kid").GetString() == kid).GetRawText();
    }

    private static JsonObject Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();

    private static string Encode(JsonNode part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));

    private static string With(JsonObject part, string name, JsonNode value)
    {
        var copy = part.DeepClone().AsObject();
        copy[name] = value;
        return Encode(copy);
    }

    private static string Without(JsonObject part, string name)
    {
        var copy = part.DeepClone().AsObject();
        copy.Remove(name);
        return Encode(copy);
    }

    private static string WithJwk(JsonObject header, ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return With(header, "jwk", new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        });
    }

    private static string Sign(string header, string claims, ECDsa key) =>
        $"{header}.{claims}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256))}";

    private static string Hmac(string header, string claims, byte[] key) =>
        $"{header}.{claims}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{header}.{claims}")))}";
}
