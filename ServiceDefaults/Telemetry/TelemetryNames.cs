namespace ServiceDefaults.Telemetry;

internal static class TelemetryNames
{
    /// <summary>Meter and activity source of this library.</summary>
    public const string Meter = "ServiceDefaults";
}
