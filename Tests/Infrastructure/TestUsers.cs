using System.Security.Cryptography;
using Contracts.Users;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;

namespace Tests.Infrastructure;

/// <summary>Access tokens for services that run in this process: they read the issuer's keys from here and not from Session.</summary>
internal static class TestUsers
{
    private const string KeyId = "tests";
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The issuer's public keys.</summary>
    public static IUserKeySource Keys { get; } = new KeySource();

    public static string Token(string tenant, string user, string role = TenantRoles.Member, string? name = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "session",
            Audience = "chat",
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [ClaimNames.User] = user,
                [ClaimNames.Tenant] = tenant,
                [ClaimNames.Session] = "s-" + user,
                [ClaimNames.Name] = name ?? user,
                [ClaimNames.Role] = role,
            },
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = now.AddMinutes(10).UtcDateTime,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(Key) { KeyId = KeyId }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    private sealed class KeySource : IUserKeySource
    {
        public Task<IReadOnlyCollection<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
        {
            var point = Key.ExportParameters(includePrivateParameters: false).Q;
            return Task.FromResult<IReadOnlyCollection<JsonWebKey>>(
            [
                new JsonWebKey
                {
                    Kid = KeyId,
                    Kty = "EC",
                    Crv = "P-256",
                    Use = "sig",
                    Alg = "ES256",
                    X = Base64UrlEncoder.Encode(point.X),
                    Y = Base64UrlEncoder.Encode(point.Y),
                },
            ]);
        }
    }
}
