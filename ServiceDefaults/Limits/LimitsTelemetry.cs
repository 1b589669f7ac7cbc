using System.Diagnostics.Metrics;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults.Limits;

internal sealed class LimitsTelemetry
{
    private readonly Meter _meter;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _evicted;
    private readonly Counter<long> _lateBodies;
    private readonly Counter<long> _rateLimited;
    private readonly Histogram<double> _wait;

    public LimitsTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(TelemetryNames.Meter);
        _refused = _meter.CreateCounter<long>("concurrency.refused", "{request}", "Requests refused because of a concurrency limit, by reason.");
        _evicted = _meter.CreateCounter<long>("concurrency.evicted", "{request}", "Requests that were evicted because their client was slow and others waited.");
        _lateBodies = _meter.CreateCounter<long>("requests.bodies.late", "{request}", "Requests whose body did not arrive in time.");
        _rateLimited = _meter.CreateCounter<long>("requests.rate_limited", "{request}", "Requests refused for their rate, by limit and by what was counted: user, tenant or address.");
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
            () => limits.Select(static limit => new Measurement<int>(limit.Waiting, Tag(limit.Name))),
            "{request}",
            "Requests that wait for a concurrency limit.");
    }

    public void Refused(string name, string reason) =>
        _refused.Add(1, Tag(name), new KeyValuePair<string, object?>("reason", reason));

    public void Evicted(string name) => _evicted.Add(1, Tag(name));

    public void BodyLate() => _lateBodies.Add(1);

    public void RateLimited(string name, PartyKind by) => _rateLimited.Add(1, Tag(name), new KeyValuePair<string, object?>("by", NameOf(by)));

    private static string NameOf(PartyKind kind) => kind switch
    {
        PartyKind.User => "user",
        PartyKind.Tenant => "tenant",
        _ => "address",
    };

    public void Waited(string name, TimeSpan time) => _wait.Record(time.TotalSeconds, Tag(name));

    private static KeyValuePair<string, object?> Tag(string name) => new("limit", name);
}
