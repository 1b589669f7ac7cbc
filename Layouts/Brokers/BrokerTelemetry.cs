using System.Diagnostics.Metrics;
using Contracts.Layouts;
using Realtime.Counting;
using Realtime.Node;

namespace Layouts.Brokers;

/// <summary>Metrics of the Redis masters, on the node that drives; there are as many series as masters that it reports.</summary>
internal sealed class BrokerTelemetry
{
    public BrokerTelemetry(IMeterFactory meters, DriverReport report)
    {
        var meter = meters.Create(RealtimeTelemetry.Name);
        meter.CreateObservableGauge(
            "realtime.broker.cpu", () => OfMasters(report, static master => master.CpuShare), "1", "CPU of each Redis master in the planner's last window, of one core.");
        meter.CreateObservableGauge(
            "realtime.broker.commands", () => OfMasters(report, static master => master.CommandsPerSecond), "{command}/s", "Commands a second of each Redis master in that window.");
        meter.CreateObservableGauge(
            "realtime.broker.price", () => Price(report), "s", "CPU of all Redis masters for one event, the median of the last windows; nothing while it is not known.");
    }

    private static IEnumerable<Measurement<double>> OfMasters(DriverReport report, Func<MasterFigures, double> value) =>
        report.Brokers is { } brokers ? brokers.Masters.Select(master => new Measurement<double>(value(master), new KeyValuePair<string, object?>("master", master.Name))) : [];

    private static IEnumerable<Measurement<double>> Price(DriverReport report) => report.Brokers is { PriceSeconds: { } price } ? [new Measurement<double>(price)] : [];
}
