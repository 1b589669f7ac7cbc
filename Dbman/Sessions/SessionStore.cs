using Contracts;
using Contracts.Sessions;
using Dbman.Directory;
using Dbman.Postgres;
using Microsoft.Extensions.Options;

namespace Dbman.Sessions;

/// <summary>Sessions and their refresh tokens.</summary>
internal sealed class SessionStore(Database database, IOptions<DatabaseOptions> options)
{
    /// <summary>Beyond the longest statement: for its commit, and for clocks of servers that differ when one takes over from another.</summary>
    private static readonly TimeSpan CommitMargin = TimeSpan.FromSeconds(3);


    private static readonly string CreateSession = SqlText.Read("Sessions/CreateSession.sql");
    private static readonly string ListSessions = SqlText.Read("Sessions/ListSessions.sql");
    private static readonly string RevokeSessions = SqlText.Read("Sessions/RevokeSessions.sql");
    private static readonly string ListRevoked = SqlText.Read("Sessions/ListRevoked.sql");
    private static readonly string RotateToken = SqlText.Read("Sessions/RotateToken.sql");

    public enum CreateOutcome
    {
        Created,
        NoUser,
        IdTaken,
        CredentialChanged,
    }

    public async Task<(CreateOutcome Outcome, SessionRecord? Session)> CreateAsync(string tenant, CreateSessionRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            CreateSession,
            row =>
            {
                if (row.IsDBNull(0))
                {
                    var isCurrent = row.GetBoolean(SessionRows.SessionColumns + 1);
                    return (isCurrent ? CreateOutcome.IdTaken : CreateOutcome.CredentialChanged, (SessionRecord?)null);
                }

                var displaced = row.GetFieldValue<string[]>(SessionRows.SessionColumns);
                return (CreateOutcome.Created, SessionRows.Session(row, tenant) with { Displaced = displaced.Length == 0 ? null : displaced });
            },
            [
                Arg.Text("tenant", tenant),
                Arg.Text("session", request.Id),
                Arg.Text("user", request.UserId),
                Arg.Text("hash", request.RefreshTokenHash),
                Arg.Time("expires_at", request.ExpiresAt),
                Arg.Int("max_sessions", request.MaxSessions),
                Arg.OptionalLong("generation", request.Generation),
                Arg.Text("user_agent", request.UserAgent),
                Arg.Text("address", request.Address),
            ],
            cancellationToken);
        return rows.Count == 0 ? (CreateOutcome.NoUser, null) : rows[0];
    }

    /// <summary>One more than <paramref name="limit"/> where there are more; null when there is no such user.</summary>
    public async Task<List<SessionRecord>?> ListAsync(string tenant, string user, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListSessions,
            row => row.IsDBNull(0) ? null : SessionRows.Session(row, tenant),
            [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Text("after", after ?? ""), Arg.Int("limit", limit + 1)],
            cancellationToken);
        return rows.Count == 0 ? null : [.. rows.OfType<SessionRecord>()];
    }

    /// <summary>Ids of the sessions that ended now; null when there is no such user.</summary>
    public async Task<List<string>?> RevokeAsync(string tenant, string user, RevokeSessionsRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            RevokeSessions,
            static row => row.GetFieldValue<string[]>(0),
            [
                Arg.Text("tenant", tenant),
                Arg.Text("user", user),
                Arg.Text("reason", request.Reason),
                Arg.Text("session", request.SessionId),
                Arg.Text("except", request.Except),
            ],
            cancellationToken);
        return rows.Count == 0 ? null : [.. rows[0]];
    }

    /// <summary>Sessions of all tenants that were ended at or after <paramref name="since"/>; null: within the window.</summary>
    public async Task<RevokedSessionsResponse> ListRevokedAsync(DateTimeOffset? since, int windowSeconds, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ListRevoked,
            static row => (
                Next: row.Time(0), Session: row.IsDBNull(1) ? null : new RevokedSession(row.GetString(1), row.GetString(2), row.GetString(3), row.Time(4))),
            [
                Arg.OptionalTime("since", since),
                Arg.Int("window_seconds", windowSeconds),
                Arg.Double("overlap_seconds", (options.Value.StatementTimeout + CommitMargin).TotalSeconds),
                Arg.Int("limit", Limits.RevokedPage + 1),
            ],
            cancellationToken);
        var sessions = rows.Select(static row => row.Session).OfType<RevokedSession>().Take(Limits.RevokedPage).ToList();
        var more = rows.Count > Limits.RevokedPage;
        return new RevokedSessionsResponse(sessions, more ? sessions[^1].RevokedAt : rows[0].Next, more);
    }

    public async Task<RotateRefreshTokenResponse> RotateAsync(RotateRefreshTokenRequest request, CancellationToken cancellationToken) =>
        await database.FirstAsync(
            RotateToken,
            static row =>
            {
                var tenant = row.GetString(1);
                return new RotateRefreshTokenResponse(
                    ParseOutcome(row.GetString(0)),
                    SessionRows.Session(row, tenant, 2),
                    DirectoryRows.User(row, tenant, 2 + SessionRows.SessionColumns),
                    row.TextOrNull(2 + SessionRows.SessionColumns + DirectoryRows.UserColumns));
            },
            [
                Arg.Text("presented", request.PresentedHash),
                Arg.Text("next", request.NextHash),
                Arg.Text("sealed_next", request.SealedNext),
                Arg.Int("grace_seconds", request.GraceSeconds),
            ],
            cancellationToken)
        ?? new RotateRefreshTokenResponse(RotateOutcome.Unknown);

    private static RotateOutcome ParseOutcome(string word) => word switch
    {
        "rotated" or "again" => RotateOutcome.Rotated,
        "expired" => RotateOutcome.Expired,
        "superseded" => RotateOutcome.Superseded,
        "revoked" => RotateOutcome.Revoked,
        "reused" => RotateOutcome.Reused,
        _ => throw new InvalidOperationException($"RotateToken.sql answered an unknown outcome '{word}'."),
    };
}
