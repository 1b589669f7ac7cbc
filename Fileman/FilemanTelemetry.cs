using System.Diagnostics.Metrics;
using Fileman.Thumbnails;

namespace Fileman;

/// <summary>Meters of uploads, downloads and removal.</summary>
internal sealed class FilemanTelemetry
{
    private readonly Counter<long> _uploads;
    private readonly Counter<long> _uploadedBytes;
    private readonly UpDownCounter<long> _uploading;
    private readonly Counter<long> _downloadedBytes;
    private readonly Counter<long> _missing;
    private readonly Counter<long> _deleted;
    private readonly Counter<long> _reaped;
    private readonly Counter<long> _reaperFailures;
    private readonly Counter<long> _thumbnails;
    private readonly Histogram<double> _thumbnailDuration;
    private readonly Counter<long> _thumbnailsRefused;
    private readonly Meter _meter;

    public FilemanTelemetry(IMeterFactory meters)
    {
        var meter = _meter = meters.Create("Fileman");
        _uploads = meter.CreateCounter<long>("fileman.uploads", "{upload}", "Uploads that ended, by outcome.");
        _uploadedBytes = meter.CreateCounter<long>("fileman.uploaded", "By", "Bytes of uploads that succeeded.");
        _uploading = meter.CreateUpDownCounter<long>("fileman.uploading", "{upload}", "Uploads in progress.");
        _downloadedBytes = meter.CreateCounter<long>("fileman.downloaded", "By", "Bytes of contents sent.");
        _missing = meter.CreateCounter<long>("fileman.contents.missing", "{file}", "Downloads of files whose content was not there.");
        _deleted = meter.CreateCounter<long>("fileman.deleted", "{file}", "Files deleted by users.");
        _reaped = meter.CreateCounter<long>("fileman.reaped", "{file}", "Contents removed after a deletion or an upload that never ended.");
        _reaperFailures = meter.CreateCounter<long>("fileman.reaper.failures", "{round}", "Rounds of the reaper that were refused or failed.");
        _thumbnails = meter.CreateCounter<long>("fileman.thumbnails", "{thumbnail}", "Pictures that were decoded, by outcome.");
        _thumbnailDuration = meter.CreateHistogram<double>("fileman.thumbnail.duration", "s", "From a worker's start to its end.");
        _thumbnailsRefused = meter.CreateCounter<long>("fileman.thumbnails.refused", "{request}", "Thumbnails that were not made as too many waited.");
    }

    /// <summary>No value where the store has no bound, or cannot be asked.</summary>
    public void ObserveFreeBytes(Func<long?> free) =>
        _meter.CreateObservableGauge("fileman.disk.free", () => free() is { } bytes ? [new Measurement<long>(bytes)] : Array.Empty<Measurement<long>>(), "By", "Free bytes of the disk that holds contents.");

    public void ObserveThumbnailQueue(Func<long> waiting) =>
        _meter.CreateObservableGauge("fileman.thumbnails.waiting", waiting, "{thumbnail}", "Thumbnails that wait for a worker.");

    public void ThumbnailEnded(WorkerOutcome outcome, TimeSpan duration)
    {
        _thumbnails.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
        {
            WorkerOutcome.Made => "made",
            WorkerOutcome.NoPicture => "no-picture",
            WorkerOutcome.TooSlow => "too-slow",
            WorkerOutcome.Crashed => "crashed",
            _ => "no-library",
        }));
        _thumbnailDuration.Record(duration.TotalSeconds);
    }

    public void ThumbnailRefused() => _thumbnailsRefused.Add(1);

    public void UploadBegan() => _uploading.Add(1);

    public void UploadEnded(string outcome, long bytes)
    {
        _uploading.Add(-1);
        _uploads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (bytes > 0)
        {
            _uploadedBytes.Add(bytes);
        }
    }

    public void Downloaded(long bytes) => _downloadedBytes.Add(bytes);

    public void ContentMissing() => _missing.Add(1);

    public void Deleted() => _deleted.Add(1);

    public void Reaped() => _reaped.Add(1);

    public void ReaperFailed() => _reaperFailures.Add(1);
}
