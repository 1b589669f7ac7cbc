using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;

namespace Tests.ServiceDefaults;

/// <summary>An issuer of access tokens whose keys the test rotates. Counts how often they are read.</summary>
internal sealed class TestIssuer : IUserKeySource, IDisposable
{
    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);
    private int _reads;

    public TestIssuer() => Rotate("k1");

    public string KeyId { get; private set; } = "";

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>What a read does first: fail, or wait.</summary>
    public Func<Task> OnRead { get; set; } = () => Task.CompletedTask;

    public List<JsonWebKey> Published { get; } = [];

    public ECDsa Key => _keys[KeyId];

    public static Dictionary<string, object> Claims => new(StringComparer.Ordinal)
    {
        ["sub"] = "u1",
        ["tid"] = "acme",
        ["sid"] = "s1",
        ["name"] = "Ann",
        ["role"] = "admin",
    };

    /// <summary>Signs with a new key from now on, and publishes it beside the old ones.</summary>
    public void Rotate(string keyId)
    {
        _keys[keyId] = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyId = keyId;
        Published.Add(Jwk(keyId));
    }

    public JsonWebKey Jwk(string keyId)
    {
        var point = _keys[keyId].ExportParameters(includePrivateParameters: false).Q;
        return new JsonWebKey
        {
            Kid = keyId,
            Kty = "EC",
            Crv = "P-256",
            Use = "sig",
            Alg = "ES256",
            X = Base64UrlEncoder.Encode(point.X),
            Y = Base64UrlEncoder.Encode(point.Y),
        };
    }

    public string Token(
        Dictionary<string, object>? claims = null,
        string issuer = "session",
        string audience = "chat",
        DateTimeOffset? now = null,
        TimeSpan? lifetime = null,
        SigningCredentials? signing = null)
    {
        var issued = now ?? TimeProvider.System.GetUtcNow();
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Claims = claims ?? Claims,
            IssuedAt = issued.UtcDateTime,
            NotBefore = issued.UtcDateTime,
            Expires = (issued + (lifetime ?? TimeSpan.FromMinutes(10))).UtcDateTime,
            SigningCredentials = signing ?? Signing(Key, KeyId),
        });
    }

    public static SigningCredentials Signing(ECDsa key, string keyId) =>
        new(new ECDsaSecurityKey(key) { KeyId = keyId }, SecurityAlgorithms.EcdsaSha256);

    public async Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        await OnRead();
        return [.. Published];
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }
}
