namespace Dashboard.Telemetry.Logs;

/// <summary>.NET's levels; OTLP's 24 numbers fall into them by fours.</summary>
public enum LogSeverity
{
    Unspecified,
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
}
