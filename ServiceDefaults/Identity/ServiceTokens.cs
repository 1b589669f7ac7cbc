using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>
/// Issues and checks the tokens with which services call each other: ES256, a few minutes valid. The issuer is the caller, and its name counts only under a key of its own;
/// the audience is the service that is called, so that a token which one service was given is of no use to it at another.
/// </summary>
internal sealed class ServiceTokens
{
    /// <summary>Distinguishes these from users' access tokens, whatever keys either may use.</summary>
    private const string Type = "service+jwt";

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };
    private readonly TokenValidationParameters _rules;
    private readonly SigningCredentials? _signing;
    private readonly ServiceKeyOptions _options;
    private readonly IdentityTelemetry? _telemetry;
    private readonly TimeProvider _time;

    // Tokens that were found right. A caller uses one for minutes, so this holds about one per replica of each service.
    private readonly ConcurrentDictionary<TokenDigest, Known> _known = new();

    // By called service; there are only a few. The first request that finds one old replaces it; two that race make two valid tokens.
    private readonly ConcurrentDictionary<string, Issued> _current = new(StringComparer.Ordinal);

    public ServiceTokens(IOptions<ServiceKeyOptions> options, IdentityTelemetry? telemetry, TimeProvider time)
    {
        _options = options.Value;
        _telemetry = telemetry;
        _time = time;
        _signing = ServiceKey.ReadPrivate(_options.PrivateKey) is { } key ? new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256) : null;
        ServiceKeyRing.TryRead(_options.PublicKeys, out var ring, out _);
        _rules = new TokenValidationParameters
        {
            ValidAudience = _options.Name,
            IssuerValidator = (issuer, _, _) => ring?.Knows(issuer) == true
                ? issuer
                : throw new SecurityTokenInvalidIssuerException("A service token names a service that has a key."),
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = [Type],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            IssuerSigningKeyResolver = (_, token, id, _) => ring?.Find(token.Issuer, id) is { } known ? [known] : [],
            // Never fall back to trying every key there is.
            TryAllIssuerSigningKeys = false,
            AuthenticationType = Schemes.Service,
            NameClaimType = "iss",
            LifetimeValidator = (notBefore, expires, _, _) =>
                UserTokens.IsInTime(notBefore, expires, time.GetUtcNow().UtcDateTime, UserTokens.ClockSkew),
        };
    }

    /// <summary>A token for that service, good for at least a quarter of its lifetime.</summary>
    public string Issue(string callee)
    {
        var now = _time.GetUtcNow();
        if (_current.TryGetValue(callee, out var current) && now < current.RenewAt)
        {
            return current.Token;
        }

        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = Type,
            Issuer = _options.Name,
            Audience = callee,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + Lifetime).UtcDateTime,
            SigningCredentials = _signing ?? throw new InvalidOperationException($"'{_options.Name}' has no key to sign its calls with."),
        });
        _current[callee] = new Issued(token, now + (Lifetime * 0.75));
        return token;
    }

    /// <summary>The calling service, or null.</summary>
    public async ValueTask<ClaimsPrincipal?> ValidateAsync(string token)
    {
        if (token.Length > MaxTokenLength)
        {
            _telemetry?.ServiceTokenChecked(valid: false);
            return null;
        }

        var digest = TokenDigest.Of(token);
        if (_known.TryGetValue(digest, out var known) && _time.GetUtcNow().UtcDateTime - UserTokens.ClockSkew < known.Expires)
        {
            _telemetry?.ServiceTokenChecked(valid: true);
            return known.Caller;
        }

        var outcome = await _handler.ValidateTokenAsync(token, _rules);
        _telemetry?.ServiceTokenChecked(outcome.IsValid);
        if (!outcome.IsValid)
        {
            return null;
        }

        if (_known.Count >= MaxKnown)
        {
            // Ended ones, mostly. Those in use are back with their next call.
            _known.Clear();
        }

        var caller = new ClaimsPrincipal(outcome.ClaimsIdentity);
        _known[digest] = new Known(caller, outcome.SecurityToken.ValidTo);
        return caller;
    }

    /// <summary>
    /// How long a token is valid: long enough that signing one costs nothing beside the calls, short enough that a stolen one is soon worthless.
    /// </summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Far more than there are replicas.</summary>
    private const int MaxKnown = 1_024;

    /// <summary>Ours take about 350 characters.</summary>
    private const int MaxTokenLength = 2_048;

    private sealed record Known(ClaimsPrincipal Caller, DateTime Expires);

    private sealed record Issued(string Token, DateTimeOffset RenewAt);
}
