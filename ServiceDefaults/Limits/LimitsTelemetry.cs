using System.Diagnostics.Metrics;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults.Limits;

internal sealed class LimitsTelemetry
{
    private readonly Meter _meter;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _wait;

    public LimitsTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(TelemetryNames.Meter);
        _refused = _meter.CreateCounter<long>("concurrency.refused", "{request}", "Requests refused because of a concurrency limit, by reason.");
        _wait = _meter.CreateHistogram<double>("concurrency.wait", "s", "Time that requests waited for a concurrency limit.");
    }

    public void Observe(IReadOnlyCollection<ConcurrencyLimit> limits)
    {
        _meter.CreateObservableGauge(
            "concurrency.running",
            () => limits.Select(static limit => new Measurement<int>(limit.Running, Tag(limit.Name))),
            "{request}",
            "Requests that run under a concurrency limit.");
        _meter.CreateObservableGauge(
            "concurrency.waiting",
            () => limits.Select(static limit => new Measurement<long>(limit.Waiting, Tag(limit.Name))),
            "{request}",
            "Requests that wait for a concurrency limit.");
    }

    public void Refused(string name, string reason) =>
        _refused.Add(1, Tag(name), new KeyValuePair<string, object?>("reason", reason));

    public void Waited(string name, TimeSpan time) => _wait.Record(time.TotalSeconds, Tag(name));

    private static KeyValuePair<string, object?> Tag(string name) => new("limit", name);
}
