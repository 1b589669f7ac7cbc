using System.Diagnostics.Metrics;
using Realtime.Counting;

namespace Layouts.Driving;

/// <summary>Metrics of layouts and their driver, on the service's meter.</summary>
internal sealed class DriverTelemetry
{
    private readonly Meter _meter;
    private readonly Counter<long> _steps;
    private readonly Histogram<double> _waits;

    public DriverTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(RealtimeTelemetry.Name);
        _steps = _meter.CreateCounter<long>("realtime.layout.steps", "{step}", "Layout records that this node's driver added, by target stage.");
        _waits = _meter.CreateHistogram<double>("realtime.layout.wait.duration", "s", "From a step until every live node had applied it.");
    }

    /// <param name="applied">Revision of layouts that this node has applied.</param>
    /// <param name="isDriving">Whether this node drives.</param>
    public void Observe(Func<long> applied, Func<bool> isDriving)
    {
        _meter.CreateObservableGauge("realtime.layout.epoch", applied, "{epoch}", "Revision of layouts that this node has applied; -1: none.");
        _meter.CreateObservableGauge("realtime.layout.driver", () => isDriving() ? 1 : 0, "{driver}", "1 on the node that drives layouts to their goals.");
    }

    public void Stepped(string stage) => _steps.Add(1, new KeyValuePair<string, object?>("stage", stage));

    public void Waited(TimeSpan duration) => _waits.Record(duration.TotalSeconds);
}
