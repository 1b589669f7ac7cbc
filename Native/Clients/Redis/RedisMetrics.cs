using System.Diagnostics.Metrics;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis;

/// <summary>State of the connections, for the question "is it us or Redis": the client itself reports none.</summary>
internal sealed class RedisMetrics
{
    internal const string MeterName = "StackExchange.Redis";

    private readonly Meter _meter;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _restorations;

    public RedisMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _failures = _meter.CreateCounter<long>("redis.client.connection_failures", "{connection}", "Connections lost, by kind.");
        _restorations = _meter.CreateCounter<long>("redis.client.connection_restorations", "{connection}", "Connections that came back, by kind.");
    }

    /// <summary>Reports a connection from now on; the two events live as long as the connection does.</summary>
    public void Follow(IConnectionMultiplexer connection, string name)
    {
        var tag = new KeyValuePair<string, object?>("redis.client.name", name);
        connection.ConnectionFailed += (_, e) => _failures.Add(1, tag, Kind(e));
        connection.ConnectionRestored += (_, e) => _restorations.Add(1, tag, Kind(e));
        _meter.CreateObservableGauge(
            "redis.client.connected", () => new Measurement<int>(connection.IsConnected ? 1 : 0, tag), "{connection}", "1 while connected.");
        _meter.CreateObservableGauge(
            "redis.client.pending",
            () => new Measurement<long>(connection.GetCounters().TotalOutstanding, tag),
            "{command}",
            "Commands sent or queued that have no answer yet.");
    }

    private static KeyValuePair<string, object?> Kind(ConnectionFailedEventArgs e) =>
        new("redis.client.connection_kind", e.ConnectionType == ConnectionType.Subscription ? "subscription" : "interactive");
}
