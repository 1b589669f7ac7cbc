using Contracts.Users;
using Dbman.Directory;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Credentials;

/// <summary>Password hashes, and the count of failed logins.</summary>
internal sealed class CredentialStore(Database database)
{
    private static readonly string GetCredential = SqlText.Read("Credentials/GetCredential.sql");
    private static readonly string RenewPasswordHash = SqlText.Read("Credentials/RenewPasswordHash.sql");
    private static readonly string ReplacePassword = SqlText.Read("Credentials/ReplacePassword.sql");
    private static readonly string ReadAttempts = SqlText.Read("Credentials/ReadAttempts.sql");
    private static readonly string RecordFailure = SqlText.Read("Credentials/RecordFailure.sql");
    private static readonly string RecordSuccess = SqlText.Read("Credentials/RecordSuccess.sql");

    public Task<CredentialRecord?> GetAsync(string tenant, string username, CancellationToken cancellationToken) =>
        database.FirstAsync(
            GetCredential,
            row => new CredentialRecord(DirectoryRows.User(row, tenant), row.GetString(DirectoryRows.UserColumns), row.GetInt64(DirectoryRows.UserColumns + 1)),
            [Arg.Text("tenant", tenant), Arg.Text("username_key", Usernames.Key(username))],
            cancellationToken);

    /// <summary>Whether the expected hash was there to be renewed; null when there is no such user.</summary>
    public async Task<bool?> RenewPasswordHashAsync(string tenant, string user, RenewPasswordHashRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            RenewPasswordHash,
            static row => row.GetBoolean(0),
            [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Text("hash", request.PasswordHash), Arg.Text("expected", request.Expected)],
            cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>What became of it, and the ids of the sessions that ended with the old password.</summary>
    public async Task<(PasswordVerdict Verdict, string[] Revoked)> ReplacePasswordAsync(
        string tenant, string user, ReplacePasswordRequest request, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            ReplacePassword,
            static row => (PasswordVerdicts.Parse(row.GetString(0)), row.GetFieldValue<string[]>(1)),
            [
                Arg.Text("tenant", tenant),
                Arg.Text("user", user),
                Arg.Text("hash", request.PasswordHash),
                Arg.Text("reason", request.Reason),
                Arg.OptionalLong("generation", request.Generation),
                Arg.Text("keep_session", request.KeepSession),
            ],
            cancellationToken);
        return rows.Count == 0 ? (PasswordVerdict.NoUser, []) : rows[0];
    }

    /// <summary>The strictest of the named sources.</summary>
    public async Task<LoginAttemptResponse> ReadAttemptsAsync(string tenant, string username, string[] sources, CancellationToken cancellationToken) =>
        await database.FirstAsync(
            ReadAttempts,
            ReadCount,
            [Arg.Text("tenant", tenant), Arg.Text("username_key", Usernames.Key(username)), Arg.Texts("sources", sources)],
            cancellationToken)
        ?? new LoginAttemptResponse(0, TenantExists: false);

    /// <summary>Null when there is no such tenant.</summary>
    public Task<LoginAttemptResponse?> RecordAsync(string tenant, string username, LoginAttemptRequest request, CancellationToken cancellationToken)
    {
        var throttles = request.Throttles;
        NpgsqlParameter[] common =
        [
            Arg.Text("tenant", tenant),
            Arg.Text("username_key", Usernames.Key(username)),
            Arg.Texts("sources", throttles.Select(static throttle => throttle.Source)),
        ];
        return request.Succeeded
            ? database.FirstAsync(RecordSuccess, ReadCount, common, cancellationToken)
            : database.FirstAsync(
                RecordFailure,
                ReadCount,
                [
                    .. common,
                    Arg.Ints("lock_after", throttles.Select(static throttle => throttle.LockAfter)),
                    Arg.Ints("lock_seconds", throttles.Select(static throttle => throttle.LockSeconds)),
                    Arg.Ints("max_lock_seconds", throttles.Select(static throttle => throttle.MaxLockSeconds)),
                    Arg.Ints("window_seconds", throttles.Select(static throttle => throttle.WindowSeconds)),
                ],
                cancellationToken);
    }

    private static LoginAttemptResponse ReadCount(NpgsqlDataReader row) =>
        new(row.GetInt32(0), row.TimeOrNull(1), row.IsDBNull(2) ? null : row.GetDouble(2));
}
