using System.Net.Sockets;
using Contracts;
using Npgsql;

namespace Dbman.Postgres;

/// <summary>What it means that PostgreSQL did not do what was asked.</summary>
internal enum DatabaseFailureKind
{
    /// <summary>The server is away, going away, coming up, read-only, or full. Whether a commit that was under way happened is unknown.</summary>
    Unavailable,

    /// <summary>A statement ran into its timeout. It changed nothing, unless the server was lost as well.</summary>
    StatementTimeout,

    /// <summary>A lock was not given in time, or its waiters formed a circle. It changed nothing.</summary>
    LockTimeout,
}

/// <summary>
/// The one place that knows SQLSTATEs. A failure is transient: the same call may succeed later. What is none (a value that a column refuses, SQL that
/// does not parse) is a bug of ours and stays an exception.
/// </summary>
internal readonly record struct DatabaseFailure(DatabaseFailureKind Kind)
{
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public bool IsTimeout => Kind is DatabaseFailureKind.StatementTimeout or DatabaseFailureKind.LockTimeout;

    /// <summary>Value of the metrics' label.</summary>
    public string Label => Kind switch
    {
        DatabaseFailureKind.StatementTimeout => "statement",
        DatabaseFailureKind.LockTimeout => "lock",
        _ => "unavailable",
    };

    public string ProblemType => IsTimeout ? ProblemTypes.DatabaseTimeout : ProblemTypes.DatabaseUnavailable;

    public string Detail => Kind switch
    {
        DatabaseFailureKind.StatementTimeout => "The database did not answer in time.",
        DatabaseFailureKind.LockTimeout => "Others were changing the same rows for too long.",
        _ => "The database cannot be reached.",
    };

    /// <summary>The failure behind an exception; null when it is unrelated to the database's availability.</summary>
    public static DatabaseFailure? Of(Exception exception) => exception switch
    {
        PostgresException postgres => OfSqlState(postgres.SqlState),
        NpgsqlException { InnerException: TimeoutException } => new(DatabaseFailureKind.StatementTimeout),
        NpgsqlException { InnerException: IOException or SocketException } => new(DatabaseFailureKind.Unavailable),
        NpgsqlException { IsTransient: true } => new(DatabaseFailureKind.Unavailable),
        NpgsqlException { InnerException: null } => new(DatabaseFailureKind.Unavailable),
        // The connection broke while it was being given back or taken.
        ObjectDisposedException { ObjectName: "NpgsqlConnection" or "NpgsqlConnector" } => new(DatabaseFailureKind.Unavailable),
        _ => null,
    };

    /// <summary>A unique key was taken.</summary>
    public static bool IsDuplicate(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    private static DatabaseFailure? OfSqlState(string state) => state switch
    {
        PostgresErrorCodes.QueryCanceled => new(DatabaseFailureKind.StatementTimeout),
        PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.SerializationFailure => new(DatabaseFailureKind.LockTimeout),
        PostgresErrorCodes.ConnectionException
            or PostgresErrorCodes.ConnectionDoesNotExist
            or PostgresErrorCodes.ConnectionFailure
            or PostgresErrorCodes.SqlClientUnableToEstablishSqlConnection
            or PostgresErrorCodes.SqlServerRejectedEstablishmentOfSqlConnection
            or PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.InsufficientResources
            or PostgresErrorCodes.DiskFull
            or PostgresErrorCodes.OutOfMemory
            or PostgresErrorCodes.ConfigurationLimitExceeded
            or PostgresErrorCodes.IoError
            // A standby after a failover: the address will point to the new primary soon.
            or PostgresErrorCodes.ReadOnlySqlTransaction
            // Created, or granted, while we are already running.
            or PostgresErrorCodes.InvalidCatalogName
            or PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification
            // Restored from an older state, or emptied; the health check has the schema applied again.
            or PostgresErrorCodes.UndefinedTable
            or PostgresErrorCodes.UndefinedColumn => new(DatabaseFailureKind.Unavailable),
        _ => null,
    };
}
