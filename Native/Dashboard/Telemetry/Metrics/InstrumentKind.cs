namespace Dashboard.Telemetry.Metrics;

internal enum InstrumentKind
{
    /// <summary>A value of now.</summary>
    Gauge,

    /// <summary>A sum that goes up and down: open connections. Read like a gauge.</summary>
    UpDownCounter,

    /// <summary>A sum that only grows: read as a rate.</summary>
    Counter,

    /// <summary>How values are distributed: read as percentiles.</summary>
    Histogram,
}
