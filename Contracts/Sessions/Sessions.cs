using Contracts.Users;

namespace Contracts.Sessions;

/// <summary>One login of a user: a family of refresh tokens of which only the newest is valid.</summary>
/// <param name="Tenant">Tenant of the user.</param>
/// <param name="Id">Session id.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="CreatedAt">Database time.</param>
/// <param name="LastUsedAt">Time of the last exchange of a refresh token.</param>
/// <param name="ExpiresAt">Absolute end.</param>
/// <param name="UserAgent">As sent at login.</param>
/// <param name="Address">Client address at login.</param>
/// <param name="RevokedAt">Null while it lives.</param>
/// <param name="RevokedReason">Null while it lives.</param>
/// <param name="Displaced">
/// Only in the answer to its creation: older sessions that were revoked because of <see cref="CreateSessionRequest.MaxSessions"/>; null when there
/// were none.
/// </param>
public sealed record SessionRecord(
    string Tenant,
    string Id,
    string UserId,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUsedAt,
    DateTimeOffset ExpiresAt,
    string? UserAgent = null,
    string? Address = null,
    DateTimeOffset? RevokedAt = null,
    string? RevokedReason = null,
    IReadOnlyList<string>? Displaced = null);

/// <summary>Starts a session.</summary>
/// <param name="Id">Session id.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="RefreshTokenHash">SHA-256 of the first refresh token, base64url.</param>
/// <param name="ExpiresAt">Absolute end of the session.</param>
/// <param name="MaxSessions">Past this number of live sessions of the user the oldest are revoked.</param>
/// <param name="UserAgent">As sent by the client, cut to <see cref="Limits.Name"/>.</param>
/// <param name="Address">Client address.</param>
/// <param name="Generation">
/// Of the credential that was checked (<see cref="CredentialRecord.Generation"/>): when it is no longer the present one, there is no session. Null:
/// no password was checked.
/// </param>
public sealed record CreateSessionRequest(
    string Id,
    string UserId,
    string RefreshTokenHash,
    DateTimeOffset ExpiresAt,
    int MaxSessions,
    string? UserAgent = null,
    string? Address = null,
    long? Generation = null);

/// <summary>Exchanges a refresh token for the next one of its session, in one transaction.</summary>
/// <param name="PresentedHash">Hash of the token that the client presented.</param>
/// <param name="NextHash">Hash of the token that replaces it.</param>
/// <param name="GraceSeconds">
/// A token that was replaced at most this long ago, whose successor was never used, may be presented again (the answer got lost on its way) and has
/// the same successor. Older reuse is theft.
/// </param>
/// <param name="SealedNext">The token that replaces it, encrypted under the presented one, to be answered when that is presented again.</param>
public sealed record RotateRefreshTokenRequest(string PresentedHash, string NextHash, int GraceSeconds, string? SealedNext = null);

/// <summary>Outcomes of <see cref="RotateRefreshTokenRequest"/>.</summary>
public enum RotateOutcome
{
    /// <summary>
    /// The next token is valid now; it is the one of <see cref="RotateRefreshTokenResponse.SealedSuccessor"/> where that is present.
    /// </summary>
    Rotated,

    /// <summary>No such token.</summary>
    Unknown,

    /// <summary>The session's end has passed.</summary>
    Expired,

    /// <summary>The session was revoked before.</summary>
    Revoked,

    /// <summary>The token had been replaced: the session is revoked now.</summary>
    Reused,

    /// <summary>An earlier version replaced the token by another, or cannot tell again by which. The session continues.</summary>
    Superseded,
}

/// <summary>The outcome; session and user are present unless the token is unknown.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Session">The token's.</param>
/// <param name="User">The session's.</param>
/// <param name="SealedSuccessor">
/// The token had been exchanged before and may be presented again: its successor, as it was sealed then. Null otherwise.
/// </param>
public sealed record RotateRefreshTokenResponse(RotateOutcome Outcome, SessionRecord? Session = null, UserRecord? User = null, string? SealedSuccessor = null);

/// <summary>Revokes sessions of one user.</summary>
/// <param name="Reason">Shown in the list of sessions, e.g. <c>logout</c>.</param>
/// <param name="SessionId">Only this one; null: all of them.</param>
/// <param name="Except">Not this one; used by "log out everywhere else".</param>
public sealed record RevokeSessionsRequest(string Reason, string? SessionId = null, string? Except = null);

/// <summary>The ids that were live and are revoked now.</summary>
public sealed record RevokeSessionsResponse(IReadOnlyList<string> Revoked);

/// <summary>A key that signs access tokens. Shared by all tenants.</summary>
/// <param name="Kid">Key id.</param>
/// <param name="Algorithm">ES256.</param>
/// <param name="PublicJwk">Public half as a JWK (JSON text).</param>
/// <param name="ProtectedPrivateKey">Private half, encrypted by Session; Dbman cannot read it.</param>
/// <param name="NotBefore">Signs from this time on; published before it, so that every validator knows it by then.</param>
/// <param name="SignsUntil">Does not sign after this time.</param>
/// <param name="PublishedUntil">Published until this time: the last token it signed has expired by then.</param>
public sealed record SigningKeyRecord(
    string Kid,
    string Algorithm,
    string PublicJwk,
    string ProtectedPrivateKey,
    DateTimeOffset NotBefore,
    DateTimeOffset SignsUntil,
    DateTimeOffset PublishedUntil);

/// <summary>
/// Adds a key unless another replica did: refused with 409 when a stored key's SignsUntil is at or after <paramref name="UnlessSignsUntil"/>.
/// </summary>
public sealed record AddSigningKeyRequest(SigningKeyRecord Key, DateTimeOffset UnlessSignsUntil);

/// <summary>Keys whose PublishedUntil lies in the future, newest first.</summary>
public sealed record SigningKeysResponse(IReadOnlyList<SigningKeyRecord> Keys);
