using System.Diagnostics.Metrics;
using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using ServiceDefaults.Telemetry;

namespace Dbman.Figures;

/// <summary>
/// What the web server and the driver measure, taken from their own instruments: what is reported and what <c>/metrics</c> says are the same. Requests count when they are for other services;
/// probes and scrapes say nothing about the load.
/// </summary>
internal sealed class FigureMeters : IDisposable
{
    private const string ServerMeter = "Microsoft.AspNetCore.Hosting";
    private const string RequestDuration = "http.server.request.duration";
    private const string DriverMeter = "Npgsql";
    private const string Connections = "db.client.connection.count";

    private readonly MeterListener _listener = new();
    private readonly LatencyCounters _durations = new();
    private readonly Lock _gate = new();
    private long _failed;

    // Under the lock: added up while the driver is asked.
    private int _idle;

    public FigureMeters(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Meters of a factory belong to one application; the driver's is the process' own.
            if ((instrument.Meter.Name == ServerMeter && instrument.Name == RequestDuration && ReferenceEquals(instrument.Meter.Scope, meters))
                || (instrument.Meter.Name == DriverMeter && instrument.Name == Connections))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) => Answered(seconds, tags));
        _listener.SetMeasurementEventCallback<int>((_, connections, tags, _) => Counted(connections, tags));
        _listener.Start();
    }

    public long Failed => Interlocked.Read(ref _failed);

    public LatencyFigures ReadDurations() => _durations.Read();

    /// <summary>Connections that are open and idle.</summary>
    public int ReadIdle()
    {
        lock (_gate)
        {
            _idle = 0;
            _listener.RecordObservableInstruments();
            return _idle;
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Answered(double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Tag(tags, "http.route") is not string route || !route.StartsWith(DbmanRoutes.Prefix, StringComparison.Ordinal))
        {
            return;
        }

        _durations.Add(LatencyBuckets.IndexOf(TimeSpan.FromSeconds(seconds)));
        if (Tag(tags, "http.response.status_code") is int and >= StatusCodes.Status500InternalServerError)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    private void Counted(int connections, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Tag(tags, "db.client.connection.pool.name") is ServiceNames.Database && Tag(tags, "db.client.connection.state") is "idle")
        {
            _idle += connections;
        }
    }

    private static object? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var (key, value) in tags)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }
}
