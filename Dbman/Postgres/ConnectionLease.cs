using Npgsql;

namespace Dbman.Postgres;

/// <summary>A connection on loan from the pool.</summary>
internal sealed class ConnectionLease : IAsyncDisposable
{
    private readonly DatabaseTelemetry _telemetry;

    public ConnectionLease(NpgsqlConnection connection, DatabaseTelemetry telemetry, long startedWaiting)
    {
        Connection = connection;
        _telemetry = telemetry;
        telemetry.Leased(startedWaiting);
    }

    public NpgsqlConnection Connection { get; }

    public ValueTask DisposeAsync()
    {
        _telemetry.Returned();
        return Connection.DisposeAsync();
    }
}
