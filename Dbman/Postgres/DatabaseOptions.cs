using System.ComponentModel.DataAnnotations;

namespace Dbman.Postgres;

/// <summary>How this replica uses PostgreSQL; configuration section <c>Dbman:Database</c>.</summary>
internal sealed class DatabaseOptions
{
    public const string Section = "Dbman:Database";

    /// <summary>Most connections of this replica.</summary>
    /// <value>Default 20; 3 to 500.</value>
    [Range(3, 500)]
    public int MaxPoolSize { get; set; } = 20;

    /// <summary>Most replicas that will ever run at once, a rolling update's surplus included. With the pool it must fit into the server's max_connections.</summary>
    /// <value>Default 4; 1 to 1000.</value>
    [Range(1, 1_000)]
    public int MaxReplicas { get; set; } = 4;

    /// <summary>Connections left to people, backups and monitoring, the server's own reserve included.</summary>
    /// <value>Default 10; 0 to 1000.</value>
    [Range(0, 1_000)]
    public int ReservedConnections { get; set; } = 10;

    /// <summary>Longest time to get a connection, waiting for the pool included.</summary>
    /// <value>Default 3 s; 1 s to 1 min, in whole seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest time of one statement, enforced by the server. The client gives up two seconds later, for the case that the server is gone.</summary>
    /// <value>Default 5 s; 100 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Longest wait for a row's lock. Shorter than the statement timeout, so that a stuck lock can be distinguished from a slow query.
    /// </summary>
    /// <value>Default 2 s; 50 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Age at which a connection is replaced, so that the load moves when the server behind the address changes.</summary>
    /// <value>Default 30 min; 10 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Longest wait before the server is tried again at start; the first is a quarter of a second, and each is twice the one before.
    /// </summary>
    /// <value>Default 5 s; 250 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.250", "00:05:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);
}
