using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Dbman.Postgres;

/// <summary>Metrics of the pool, and of what PostgreSQL did not answer in time.</summary>
internal sealed class DatabaseTelemetry
{
    private readonly TimeProvider _time;
    private readonly Counter<long> _timeouts;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _wait;

    // Written by every request, read by the gauge.
    private int _inUse;
    private long _timeoutsTotal;

    public DatabaseTelemetry(IMeterFactory meters, IOptions<DatabaseOptions> options, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(DbmanMeter.Name);
        _timeouts = meter.CreateCounter<long>("dbman.timeouts", description: "Statements, locks and connections that took too long, by kind.");
        _failures = meter.CreateCounter<long>("dbman.database.failures", description: "Calls that PostgreSQL could not answer, by kind.");
        _wait = meter.CreateHistogram<double>("dbman.pool.wait", "s", "Time to get a connection.");
        meter.CreateObservableGauge("dbman.pool.in_use", () => InUse, description: "Connections in use.");
        var max = options.Value.MaxPoolSize;
        meter.CreateObservableGauge("dbman.pool.max", () => max, description: "Most connections of this replica.");
    }

    public long Now => _time.GetTimestamp();

    /// <summary>Connections in use.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>All of <c>dbman.timeouts</c>, whatever the kind.</summary>
    public long TimeoutsTotal => Interlocked.Read(ref _timeoutsTotal);

    public void Leased(long startedWaiting)
    {
        Interlocked.Increment(ref _inUse);
        _wait.Record(_time.GetElapsedTime(startedWaiting).TotalSeconds);
    }

    public void Returned() => Interlocked.Decrement(ref _inUse);

    public void Failed(DatabaseFailure failure)
    {
        var kind = new KeyValuePair<string, object?>("kind", failure.Label);
        _failures.Add(1, kind);
        if (failure.IsTimeout)
        {
            Interlocked.Increment(ref _timeoutsTotal);
            _timeouts.Add(1, kind);
        }
    }
}
