using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;

namespace ServiceDefaults.Identity;

/// <summary>What became of a token.</summary>
public enum UserTokenStatus
{
    /// <summary>Valid.</summary>
    Valid,

    /// <summary>Was valid once.</summary>
    Expired,

    /// <summary>Malformed, forged, or for somebody else.</summary>
    Invalid,

    /// <summary>Its session was ended.</summary>
    Revoked,

    /// <summary>Cannot be checked now: the issuer's keys cannot be read. Answer 503, never 401.</summary>
    Unavailable,
}

/// <summary>Outcome of a token check.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Identity">The user; null unless valid or revoked.</param>
/// <param name="Principal">The same as claims; null unless valid or revoked.</param>
/// <param name="Reason">Why not; safe to show to the caller.</param>
public sealed record UserTokenResult(UserTokenStatus Status, UserIdentity? Identity, ClaimsPrincipal? Principal, string? Reason)
{
    /// <summary>Whether the token is valid.</summary>
    [MemberNotNullWhen(true, nameof(Identity), nameof(Principal))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsValid => Status == UserTokenStatus.Valid;
}
