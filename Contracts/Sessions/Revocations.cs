namespace Contracts.Sessions;

/// <summary>A session that was ended before its time.</summary>
public sealed record RevokedSession(string Tenant, string UserId, string Id, DateTimeOffset RevokedAt);

/// <summary>Ended sessions in order of their end.</summary>
/// <param name="Sessions">Up to <see cref="Limits.RevokedPage"/>.</param>
/// <param name="Next">
/// From when to ask the next time. It lies before the present by as much as a transaction may take, so some come again: an end is stamped before it
/// is committed, and none must be missed.
/// </param>
/// <param name="More">There are more: ask again at once.</param>
public sealed record RevokedSessionsResponse(IReadOnlyList<RevokedSession> Sessions, DateTimeOffset Next, bool More);
