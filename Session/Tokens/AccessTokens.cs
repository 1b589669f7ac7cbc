using Contracts.Users;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity;
using Session.Keys;
using Session.Sessions;

namespace Session.Tokens;

/// <summary>Signs access tokens.</summary>
internal sealed class AccessTokens(IOptions<UserTokenOptions> rules, IOptions<SessionLifeOptions> options, TimeProvider time)
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Life of a token in seconds.</summary>
    public int LifetimeSeconds => (int)options.Value.AccessTokenLifetime.TotalSeconds;

    /// <summary>A token that says who its bearer is, until it expires.</summary>
    public string Issue(UserRecord user, string sessionId, SigningKey key)
    {
        // Whole seconds, as a JWT counts: expiry is then exactly issue + lifetime.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()).UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = rules.Value.Issuer,
            Audience = rules.Value.Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddSeconds(LifetimeSeconds),
            SigningCredentials = key.Credentials,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [ClaimNames.User] = user.Id,
                [ClaimNames.Tenant] = user.Tenant,
                [ClaimNames.Session] = sessionId,
                [ClaimNames.Name] = user.DisplayName,
                [ClaimNames.Role] = user.Role,
            },
        });
    }
}
