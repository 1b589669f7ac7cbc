using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Contracts;
using Contracts.Dbman;
using Contracts.Files;
using Fileman.Blobs;
using Fileman.Pictures;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;

namespace Fileman.Thumbnails;

/// <summary>
/// Makes thumbnails when they are first requested, and keeps them next to the content.
/// </summary>
/// <remarks>
/// Protocol. (1) A worker makes it. (2) The store keeps it under the file's key. (3) Dbman records its length, which the tenant is charged, or that
/// the picture has none: so no picture is decoded twice, however often it is requested, and a picture that kills workers kills one.
/// Crash cases. Before 3 the next request makes it again, in the same place. Step 3 finds a file missing that was deleted meanwhile; what 2 stored is
/// removed then, or else by the reaper, which removes both keys of a file.
/// Concurrent requests for the same thumbnail share one worker, which none of them ends by leaving. Two replicas may both make it; the same bytes are
/// then stored twice in one place.
/// </remarks>
internal sealed class ThumbnailMaker : IAsyncDisposable
{
    /// <summary>Longest file that a thumbnail is made of, in bytes: above it are no photographs.</summary>
    private const int MaxBytes = 32 * 1_024 * 1_024;

    /// <summary>Longest wait in the queue: a reader of the list has scrolled on by then, and a browser asks again.</summary>
    private static readonly TimeSpan QueueTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<BlobKey, Lazy<Task<MadeThumbnail>>> _running = new();
    private readonly ConcurrencyLimiter _workers;
    private readonly DbmanClient _dbman;
    private readonly IBlobStore _blobs;
    private readonly DiskWatermark _disk;
    private readonly WorkerProcess _worker;
    private readonly PictureOptions _options;
    private readonly FilemanTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<ThumbnailMaker> _logger;
    private readonly CancellationToken _stopping;

    public ThumbnailMaker(
        DbmanClient dbman,
        IBlobStore blobs,
        DiskWatermark disk,
        WorkerProcess worker,
        IOptions<PictureOptions> options,
        FilemanTelemetry telemetry,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        ILogger<ThumbnailMaker> logger)
    {
        (_dbman, _blobs, _disk, _worker, _options, _telemetry, _time, _logger) = (dbman, blobs, disk, worker, options.Value, telemetry, time, logger);
        _stopping = lifetime.ApplicationStopping;
        _workers = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = _options.Workers,
            QueueLimit = _options.Queue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        telemetry.ObserveThumbnailQueue(() => _workers.GetStatistics()?.CurrentQueuedCount ?? 0);
    }

    /// <summary>The thumbnail of a file that has none yet.</summary>
    public async Task<MadeThumbnail> MakeAsync(FileRecord file, CancellationToken cancellationToken)
    {
        var key = new BlobKey(file.Tenant, file.Id);
        return await _running.GetOrAdd(key, static (one, run) => new(() => run.Maker.RunAsync(one, run.File)), (Maker: this, File: file)).Value.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _workers.DisposeAsync();

    private async Task<MadeThumbnail> RunAsync(BlobKey key, FileRecord file)
    {
        try
        {
            return await QueueAsync(key, file);
        }
        finally
        {
            // Also when everybody who asked has left.
            _running.TryRemove(key, out _);
        }
    }

    private async Task<MadeThumbnail> QueueAsync(BlobKey key, FileRecord file)
    {
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        await using var timer = _time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), abandon, QueueTimeout, Timeout.InfiniteTimeSpan);
        RateLimitLease lease;
        try
        {
            lease = await _workers.AcquireAsync(permitCount: 1, abandon.Token);
        }
        catch (OperationCanceledException)
        {
            return Busy();
        }

        using (lease)
        {
            return lease.IsAcquired ? await MakeAndKeepAsync(key, file) : Busy();
        }
    }

    private MadeThumbnail Busy()
    {
        _telemetry.ThumbnailRefused();
        return new MadeThumbnail(null, Problems.Overloaded("Too many thumbnails wait to be made.", TimeSpan.FromSeconds(5)));
    }

    private async Task<MadeThumbnail> MakeAndKeepAsync(BlobKey key, FileRecord file)
    {
        var made = await DecodeAsync(key, file);
        if (made is null)
        {
            return new MadeThumbnail(null, Problems.NotFound("The file's content is not there.", ProblemTypes.FileNotFound));
        }

        var (outcome, thumbnail) = made.Value;
        if (outcome == WorkerOutcome.NoLibrary)
        {
            // Says nothing of the picture: not written down.
            return None;
        }

        if (outcome == WorkerOutcome.TooSlow)
        {
            // Neither does this: CPU time, which is the picture's own, has a limit of its own.
            return new MadeThumbnail(null, Problems.Overloaded("Making the thumbnail took too long.", TimeSpan.FromSeconds(30)));
        }

        if (thumbnail is not null)
        {
            using var claim = _disk.TryClaim(thumbnail.Webp.Length);
            if (claim is null)
            {
                return new MadeThumbnail(null, Problems.Of(StatusCodes.Status507InsufficientStorage, ProblemTypes.StorageFull, "There is no room for the thumbnail.", TimeSpan.FromMinutes(1)));
            }

            await using var blob = await _blobs.CreateAsync(key.Thumbnail, _stopping);
            await blob.WriteAsync(thumbnail.Webp, _stopping);
            await blob.CommitAsync(_stopping);
        }

        var written = await _dbman.Files.SetThumbnailAsync(key.Tenant, key.File, new SetThumbnailRequest(thumbnail?.Webp.Length ?? 0, thumbnail?.Picture), _stopping);
        if (written.Problem is { } problem)
        {
            if (problem.Is(ProblemTypes.FileNotFound))
            {
                await _blobs.DeleteAsync(key.Thumbnail, _stopping);
            }

            return new MadeThumbnail(null, Problems.From(problem));
        }

        return thumbnail is null ? None : new MadeThumbnail(thumbnail.Webp, null);
    }

    /// <summary>Null when the content is not there.</summary>
    private async Task<(WorkerOutcome Outcome, Thumbnail? Thumbnail)?> DecodeAsync(BlobKey key, FileRecord file)
    {
        if (file.Size > MaxBytes)
        {
            return (WorkerOutcome.NoPicture, null);
        }

        await using var content = await _blobs.OpenAsync(key, 0, file.Size, _stopping);
        if (content is null)
        {
            _telemetry.ContentMissing();
            _logger.ContentMissing(key.Tenant, key.File);
            return null;
        }

        var started = _time.GetTimestamp();
        var made = await _worker.RunAsync(content, (int)file.Size, _stopping);
        _telemetry.ThumbnailEnded(made.Outcome, _time.GetElapsedTime(started));
        if (made.Outcome is WorkerOutcome.TooSlow or WorkerOutcome.Crashed)
        {
            _logger.NoThumbnail(key.Tenant, key.File, made.Outcome);
        }

        return made;
    }

    public static MadeThumbnail None { get; } = new(null, Problems.NotFound("The file has no thumbnail.", ProblemTypes.ThumbnailNotFound));
}

/// <summary>A thumbnail, or why there is none.</summary>
internal sealed record MadeThumbnail(ReadOnlyMemory<byte>? Webp, ProblemResult? Problem);
