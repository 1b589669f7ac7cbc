using System.Diagnostics.Metrics;

namespace Chat.Messages;

/// <summary>Meters of storing messages.</summary>
internal sealed class MessageTelemetry
{
    private readonly Meter _meter;
    private readonly Histogram<int> _batch;
    private readonly Counter<long> _refused;

    public MessageTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create("Chat");
        _batch = _meter.CreateHistogram("chat.append.batch.size", "{message}", "Messages of one append call.", advice: new InstrumentAdvice<int>
        {
            HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256],
        });
        _refused = _meter.CreateCounter<long>("chat.append.refused", "{message}", "Messages refused because the queue was full.");
    }

    public void Appended(int messages) => _batch.Record(messages);

    public void Refused() => _refused.Add(1);

    public void ObserveWaiting(Func<int> waiting) =>
        _meter.CreateObservableGauge("chat.append.waiting", waiting, "{message}", "Messages that wait for an append call.");
}
