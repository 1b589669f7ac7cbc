using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>Issues and checks the tokens with which services call each other: HS256 over the shared secret, a few minutes valid.</summary>
internal sealed class ServiceTokens
{
    private const string Audience = "internal";

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };
    private readonly TokenValidationParameters _rules;
    private readonly SigningCredentials _signing;
    private readonly ServiceCredentialOptions _options;
    private readonly IdentityTelemetry? _telemetry;
    private readonly TimeProvider _time;

    // Tokens that were found right. A caller uses one for minutes, so this holds about one per replica of each service.
    private readonly ConcurrentDictionary<TokenDigest, Known> _known = new();

    // Replaced as a whole by whichever request finds it old; two that race make two valid tokens.
    private volatile Issued? _current;

    public ServiceTokens(IOptions<ServiceCredentialOptions> options, IdentityTelemetry? telemetry, TimeProvider time)
    {
        _options = options.Value;
        _telemetry = telemetry;
        _time = time;
        var key = Key(_options.Secret);
        _signing = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
        SecurityKey[] accepted = _options.PreviousSecret is { } previous ? [key, Key(previous)] : [key];
        _rules = new TokenValidationParameters
        {
            ValidAudience = Audience,
            // Any holder of the secret may name itself; the name is for logs and metrics.
            IssuerValidator = static (issuer, _, _) => issuer is { Length: > 0 and <= 64 }
                ? issuer
                : throw new SecurityTokenInvalidIssuerException("A service token names its service."),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            IssuerSigningKeys = accepted,
            AuthenticationType = Schemes.Service,
            NameClaimType = "iss",
            LifetimeValidator = (notBefore, expires, _, _) =>
                UserTokens.IsInTime(notBefore, expires, time.GetUtcNow().UtcDateTime, _options.ClockSkew),
        };
    }

    /// <summary>A token that is good for at least a quarter of its lifetime.</summary>
    public string Issue()
    {
        var now = _time.GetUtcNow();
        if (_current is { } current && now < current.RenewAt)
        {
            return current.Token;
        }

        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = _options.Name,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + _options.Lifetime).UtcDateTime,
            SigningCredentials = _signing,
        });
        _current = new Issued(token, now + (_options.Lifetime * 0.75));
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
        if (_known.TryGetValue(digest, out var known) && _time.GetUtcNow().UtcDateTime - _options.ClockSkew < known.Expires)
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

    /// <summary>Far more than there are replicas.</summary>
    private const int MaxKnown = 1_024;

    /// <summary>Ours take about 250 characters.</summary>
    private const int MaxTokenLength = 2_048;

    private static SymmetricSecurityKey Key(string secret) =>
        new(ServiceSecret.Decode(secret) ?? throw new InvalidOperationException("The service credential was not validated."));

    private sealed record Known(ClaimsPrincipal Caller, DateTime Expires);

    private sealed record Issued(string Token, DateTimeOffset RenewAt);
}
