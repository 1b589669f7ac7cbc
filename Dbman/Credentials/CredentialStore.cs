using Contracts.Users;
using Dbman.Directory;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Credentials;

/// <summary>Password hashes, and the count of failed logins.</summary>
internal sealed class CredentialStore(Database database)
{
    private static readonly string GetCredential = SqlText.Read("Credentials/GetCredential.sql");
    private static readonly string SetPasswordHash = SqlText.Read("Credentials/SetPasswordHash.sql");
    private static readonly string ReadAttempts = SqlText.Read("Credentials/ReadAttempts.sql");
    private static readonly string RecordFailure = SqlText.Read("Credentials/RecordFailure.sql");
    private static readonly string RecordSuccess = SqlText.Read("Credentials/RecordSuccess.sql");

    public Task<CredentialRecord?> GetAsync(string tenant, string username, CancellationToken cancellationToken) =>
        database.FirstAsync(
            GetCredential,
            row => new CredentialRecord(DirectoryRows.User(row, tenant), row.GetString(5), row.GetInt32(6), row.TimeOrNull(7)),
            [Arg.Text("tenant", tenant), Arg.Text("username_key", Usernames.Key(username))],
            cancellationToken);

    /// <summary>False when there is no such user.</summary>
    public async Task<bool> SetPasswordHashAsync(string tenant, string user, string hash, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            SetPasswordHash, [Arg.Text("tenant", tenant), Arg.Text("user", user), Arg.Text("hash", hash)], cancellationToken) > 0;

    public async Task<LoginAttemptResponse> ReadAttemptsAsync(string tenant, string username, CancellationToken cancellationToken) =>
        await database.FirstAsync(
            ReadAttempts, ReadCount, [Arg.Text("tenant", tenant), Arg.Text("username_key", Usernames.Key(username))], cancellationToken)
        ?? new LoginAttemptResponse(0);

    /// <summary>Null when there is no such tenant.</summary>
    public Task<LoginAttemptResponse?> RecordAsync(string tenant, string username, LoginAttemptRequest request, CancellationToken cancellationToken)
    {
        var tenantArg = Arg.Text("tenant", tenant);
        var keyArg = Arg.Text("username_key", Usernames.Key(username));
        return request.Succeeded
            ? database.FirstAsync(RecordSuccess, ReadCount, [tenantArg, keyArg], cancellationToken)
            : database.FirstAsync(
                RecordFailure,
                ReadCount,
                [
                    tenantArg,
                    keyArg,
                    Arg.Int("lock_after", request.LockAfter),
                    Arg.Int("lock_seconds", request.LockSeconds),
                    Arg.Int("max_lock_seconds", request.MaxLockSeconds),
                ],
                cancellationToken);
    }

    private static LoginAttemptResponse ReadCount(NpgsqlDataReader row) =>
        new(row.GetInt32(0), row.TimeOrNull(1), row.IsDBNull(2) ? null : row.GetDouble(2));
}
