namespace ServiceDefaults.Health;

/// <summary>Body of the health endpoints.</summary>
/// <param name="Status">healthy, degraded or unhealthy: the worst of the checks.</param>
/// <param name="Service">Name of the service.</param>
/// <param name="DurationMs">How long all checks took together.</param>
/// <param name="Checks">By name.</param>
internal sealed record HealthBody(string Status, string Service, double DurationMs, IReadOnlyDictionary<string, HealthCheckBody> Checks);

/// <summary>One check.</summary>
/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="Reason">Why; null when there is nothing to say.</param>
/// <param name="DurationMs">How long it took.</param>
internal sealed record HealthCheckBody(string Status, string? Reason, double DurationMs);
