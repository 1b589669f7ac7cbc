using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dbman.Postgres;

namespace Dbman.Messages.Commit;

/// <summary>Metrics of group commit.</summary>
internal sealed class CommitTelemetry
{
    /// <summary>Reason of a refusal: the caller is gone.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>Spans of what is committed for several callers together.</summary>
    public static readonly ActivitySource Activities = new(DbmanMeter.Name);

    private readonly Histogram<int> _batch;
    private readonly Histogram<int> _rooms;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _refused;
    private readonly Meter _meter;
    private long _refusedTotal;

    public CommitTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(DbmanMeter.Name);
        _batch = _meter.CreateHistogram("dbman.batch.size", "{message}", "Messages of one transaction.", advice: Powers);
        _rooms = _meter.CreateHistogram("dbman.batch.rooms", "{room}", "Rooms of one transaction.", advice: Powers);
        _duration = _meter.CreateHistogram<double>("dbman.commit.duration", "s", "From taking a batch to its last outcome, by outcome.");
        _wait = _meter.CreateHistogram<double>("dbman.commit.wait", "s", "How long the oldest message of a batch had waited in its lane.");
        _refused = _meter.CreateCounter<long>("dbman.commit.refused", "{message}", "Messages refused before they were tried, by reason.");
    }

    private static InstrumentAdvice<int> Powers => new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096] };

    /// <summary>Messages that found no room, or waited for too long, since the process began; without those whose caller went away.</summary>
    public long RefusedTotal => Interlocked.Read(ref _refusedTotal);

    /// <summary>Shows how many messages wait.</summary>
    public void Observe(Func<int> depth, int capacity)
    {
        _meter.CreateObservableGauge("dbman.commit.queue.depth", depth, "{message}", "Messages that wait in all lanes.");
        _meter.CreateObservableGauge("dbman.commit.queue.capacity", () => capacity, "{message}", "Messages that may wait in all lanes.");
    }

    public void Taken(TimeSpan oldestWait) => _wait.Record(oldestWait.TotalSeconds);

    public void Committed(int messages, int rooms, TimeSpan duration, string outcome)
    {
        _batch.Record(messages);
        _rooms.Record(rooms);
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
    }

    public void Refused(int messages, string reason)
    {
        if (reason != Abandoned)
        {
            Interlocked.Add(ref _refusedTotal, messages);
        }

        _refused.Add(messages, new KeyValuePair<string, object?>("reason", reason));
    }
}
