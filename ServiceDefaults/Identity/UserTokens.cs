using System.Security.Claims;
using Contracts;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Identity.Revocations;

namespace ServiceDefaults.Identity;

/// <summary>
/// Checks users' access tokens: for the authentication handler, and for code that gets tokens elsewhere (a WebSocket that renews its own).
/// </summary>
public sealed class UserTokens
{
    /// <summary>How far clocks of machines with NTP may differ at worst; tokens of users and of services are valid for so much longer.</summary>
    public static TimeSpan ClockSkew { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Several times as long as session's tokens are.</summary>
    private const int MaxTokenLength = 4_096;

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _rules;
    private readonly UserKeyCache _keys;
    private readonly UserTokenOptions _options;
    private readonly IdentityTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly UserTokenCache _cache;
    private readonly RevokedSessions _revoked;

    /// <summary>A process that has just started reads within this time which sessions were revoked, or asks the caller to retry.</summary>
    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(2);

    internal UserTokens(UserKeyCache keys, RevokedSessions revoked, IOptions<UserTokenOptions> options, IdentityTelemetry telemetry, TimeProvider time)
    {
        _keys = keys;
        _revoked = revoked;
        _options = options.Value;
        _telemetry = telemetry;
        _time = time;
        _cache = new UserTokenCache(_options.CacheSize);
        _rules = new TokenValidationParameters
        {
            ValidIssuer = _options.Issuer,
            ValidAudience = _options.Audience,
            // Exactly one algorithm: with this, neither "none" nor an HMAC keyed with our public key gets as far as a signature check.
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            AuthenticationType = Schemes.User,
            NameClaimType = ClaimNames.Name,
            RoleClaimType = ClaimNames.Role,
            IssuerSigningKeyResolver = (_, _, keyId, _) => keys.Peek(keyId) is { } key ? [key] : [],
            // Never fall back to trying every key there is.
            TryAllIssuerSigningKeys = false,
            LifetimeValidator = (notBefore, expires, _, _) => IsInTime(notBefore, expires, time.GetUtcNow().UtcDateTime, ClockSkew),
        };
    }

    /// <summary>Checks one token. Never throws but for cancellation.</summary>
    public async ValueTask<UserTokenResult> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        var result = await CheckAsync(token, cancellationToken);
        if (result.IsValid)
        {
            result = await CheckSessionAsync(result, cancellationToken);
        }

        _telemetry.TokenChecked(result.Status);
        return result;
    }

    /// <summary>Not remembered with the token: a session may end at any time.</summary>
    private async ValueTask<UserTokenResult> CheckSessionAsync(UserTokenResult result, CancellationToken cancellationToken)
    {
        if (!await _revoked.WaitUntilLoadedAsync(LoadLimit, cancellationToken))
        {
            return new UserTokenResult(UserTokenStatus.Unavailable, null, null, "Which sessions have ended is not known yet.");
        }

        return _revoked.Contains(result.Identity!.Tenant, result.Identity.Session)
            ? result with { Status = UserTokenStatus.Revoked, Reason = "The session has ended." }
            : result;
    }

    private async ValueTask<UserTokenResult> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length > MaxTokenLength)
        {
            return Invalid("The token is too long.");
        }

        var digest = default(TokenDigest);
        if (_cache.IsEnabled)
        {
            digest = TokenDigest.Of(token);
            if (_cache.Find(digest) is { } known && await StillHoldsAsync(known, cancellationToken))
            {
                return known.Result;
            }
        }

        JsonWebToken parsed;
        try
        {
            parsed = _handler.ReadJsonWebToken(token);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenMalformedException)
        {
            return Invalid("The token is malformed.");
        }

        if (parsed.Alg != SecurityAlgorithms.EcdsaSha256)
        {
            return Invalid("The token is not signed with ES256.");
        }

        if (string.IsNullOrEmpty(parsed.Kid))
        {
            return Invalid("The token names no key.");
        }

        var lookup = await _keys.FindAsync(parsed.Kid, cancellationToken);
        if (lookup.Key is null)
        {
            return lookup.IssuerReachable
                ? Invalid("The token's key is unknown.")
                : new UserTokenResult(UserTokenStatus.Unavailable, null, null, "The issuer's keys cannot be read now.");
        }

        var outcome = await _handler.ValidateTokenAsync(parsed, _rules);
        if (!outcome.IsValid)
        {
            return outcome.Exception is SecurityTokenInvalidLifetimeException && parsed.ValidTo + ClockSkew <= _time.GetUtcNow().UtcDateTime
                ? new UserTokenResult(UserTokenStatus.Expired, null, null, "The token has expired.")
                : Invalid(Describe(outcome.Exception));
        }

        var principal = new ClaimsPrincipal(outcome.ClaimsIdentity);
        if (principal.TryGetIdentity() is not { } identity || !HasValidIds(identity))
        {
            return Invalid("The token lacks a valid tenant, user or session.");
        }

        // The end of a session is remembered for so long, and for no longer.
        if (identity.ExpiresAt > _time.GetUtcNow() + _options.MaxLifetime + ClockSkew)
        {
            return Invalid("The token lives longer than this service accepts.");
        }

        var result = new UserTokenResult(UserTokenStatus.Valid, identity, principal, null);
        if (_cache.IsEnabled)
        {
            _cache.Add(digest, new UserTokenCache.Entry(parsed.Kid, lookup.Key, result));
        }

        return result;
    }

    /// <summary>Whether a token that was valid once still is: its time has not run out, and its key has neither been withdrawn nor replaced.</summary>
    private async ValueTask<bool> StillHoldsAsync(UserTokenCache.Entry known, CancellationToken cancellationToken) =>
        known.Result.Identity!.ExpiresAt + ClockSkew > _time.GetUtcNow()
        && ReferenceEquals((await _keys.FindAsync(known.KeyId, cancellationToken)).Key, known.Key);

    internal static bool IsInTime(DateTime? notBefore, DateTime? expires, DateTime now, TimeSpan skew) =>
        expires is { } end && now - skew < end && (notBefore is not { } start || start - skew <= now);

    private static bool HasValidIds(UserIdentity identity) =>
        Ids.IsValid(identity.Tenant) && Ids.IsValid(identity.User) && Ids.IsValid(identity.Session);

    /// <summary>Our own words: the library's messages quote keys and claims.</summary>
    private static string Describe(Exception? exception) => exception switch
    {
        SecurityTokenInvalidAudienceException => "The token is for another audience.",
        SecurityTokenInvalidIssuerException => "The token is from another issuer.",
        SecurityTokenInvalidLifetimeException => "The token is not valid yet.",
        SecurityTokenNoExpirationException => "The token has no expiry.",
        SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException => "The token's signature is wrong.",
        _ => "The token is invalid.",
    };

    private static UserTokenResult Invalid(string reason) => new(UserTokenStatus.Invalid, null, null, reason);
}
