using Contracts.Dbman;
using Contracts.Files;
using Contracts.Results;
using Fileman.Blobs;
using Microsoft.Extensions.Options;

namespace Fileman.Reaping;

/// <summary>
/// Removes contents of deleted files and of uploads that never ended.
/// </summary>
/// <remarks>
/// Dbman lists files whose row says that their content may go. The content is removed first and the row forgotten after it, so that a crash in between only repeats a removal that finds nothing.
/// Every replica reaps; two that meet at one file do the same twice. What cannot be removed now is listed again; it does not keep the rest from going.
/// </remarks>
internal sealed class Reaper(
    DbmanClient dbman,
    IBlobStore blobs,
    IOptions<ReaperOptions> options,
    FilemanTelemetry telemetry,
    TimeProvider time,
    ILogger<Reaper> logger) : BackgroundService
{
    /// <summary>Most contents removed before the list is read again.</summary>
    private const int Batch = 100;

    private readonly ReaperOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_options.Interval * (0.5 + Random.Shared.NextDouble()), time, stoppingToken);
            try
            {
                if (!await ReapAsync(stoppingToken))
                {
                    telemetry.ReaperFailed();
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // The store may be away, and a bug in one round must not end reaping.
                logger.ReapFailed(exception);
                telemetry.ReaperFailed();
            }
        }
    }

    /// <summary>One round; continues while the list is full. False when something was refused.</summary>
    private async Task<bool> ReapAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var listed = await dbman.Files.ListReapableAsync(Batch, cancellationToken);
            if (!listed.TryGet(out var reapable, out var problem))
            {
                return Refused("list files", problem);
            }

            var removed = 0;
            foreach (var file in reapable.Files)
            {
                removed += await RemoveAsync(file, cancellationToken) ? 1 : 0;
            }

            if (removed > 0)
            {
                logger.Reaped(removed);
            }

            if (removed < Batch)
            {
                return removed == reapable.Files.Count;
            }
        }
    }

    private async Task<bool> RemoveAsync(FileRecord file, CancellationToken cancellationToken)
    {
        try
        {
            var key = new BlobKey(file.Tenant, file.Id);
            await blobs.DeleteAsync(key.Thumbnail, cancellationToken);
            await blobs.DeleteAsync(key, cancellationToken);
        }
        catch (BlobStoreException exception)
        {
            logger.StoreLost(exception);
            return false;
        }

        var forgotten = await dbman.Files.ForgetAsync(file.Tenant, file.Id, cancellationToken);
        if (forgotten.Problem is { } problem)
        {
            return Refused("forget a file", problem);
        }

        telemetry.Reaped();
        return true;
    }

    private bool Refused(string step, ServiceProblem problem)
    {
        logger.ReapRefused(step, problem.Status, problem.Type, problem.Detail);
        return false;
    }
}
