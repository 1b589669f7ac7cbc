using System.IO.Pipelines;
using Contracts;
using Contracts.Dbman;
using Contracts.Files;
using Contracts.Public;
using Fileman.Blobs;
using Fileman.Files;
using Fileman.Pictures;
using Fileman.Types;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Fileman.Uploads;

/// <summary>
/// Turns a request's body into a file.
/// </summary>
/// <remarks>
/// Protocol. (1) The first bytes are compared with the declared type, and the disk's free bytes with the length. (2) Dbman reserves quota under a new id. (3) The body is moved into the store under that id, where nobody can read it
/// yet. (4) The store makes it durable. (5) Dbman completes the reservation: from here on the file exists for others.
/// Crash cases. Up to 5, nothing is visible. After a failure that we live through, the reservation is given back and the store drops what it has. After one that we do not, the reservation
/// ends by its time, and the reaper removes what is in the store by then. When the answer to 5 got lost, giving back hides the file again if it was completed: either way the sender
/// got a failure and sees no file.
/// Invariant. A content that is in the store always has a row in Dbman, which the reaper finds it by: the row comes first (2 before 3) and goes last (the reaper removes, then forgets). For that an upload
/// ends by its own timeout well before its reservation does.
/// </remarks>
internal sealed class Uploader(
    DbmanClient dbman,
    IBlobStore blobs,
    DiskWatermark disk,
    IOptions<UploadOptions> options,
    IOptions<PictureOptions> pictures,
    FilemanTelemetry telemetry,
    TimeProvider time,
    ILogger<Uploader> logger)
{
    /// <summary>An operator must free space, which takes longer than seconds.</summary>
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How much longer than an upload may take its quota stays reserved. An upload that still stores its last bytes must not meet the reaper, so this is
    /// far longer than that may take.
    /// </summary>
    private static readonly TimeSpan ReservationMargin = TimeSpan.FromMinutes(5);

    /// <summary>How long cleaning up after a failed upload may take before it is left to the reaper.</summary>
    private static readonly TimeSpan CleanUpTimeout = TimeSpan.FromSeconds(5);

    private readonly UploadOptions _options = options.Value;
    private readonly ContentIntakeLimits _limits = new(options.Value.MaxBytes, pictures.Value.MaxPixels, [.. options.Value.AllowedTypes]);

    /// <summary>Moves one body. <paramref name="length"/> is the declared one, or null.</summary>
    public async Task<IResult> UploadAsync(
        UserIdentity owner, string name, ContentRule rule, long? length, PipeReader body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var intake = new ContentIntake(body, rule, _limits);
        var outcome = "aborted";
        telemetry.UploadBegan();
        try
        {
            var result = await StoreAsync(owner, name, rule, length, intake, deadline.Token, either.Token);
            outcome = result.Outcome;
            return result.Response;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            outcome = "timeout";
            return Problems.Late($"The upload took longer than {_options.Timeout}.");
        }
        catch (BlobStoreException exception)
        {
            logger.StoreLost(exception);
            outcome = exception.IsFull ? "disk-full" : "store-lost";
            return exception.IsFull ? DiskFull().Response : Problems.Unavailable("Contents cannot be stored now.");
        }
        finally
        {
            telemetry.UploadEnded(outcome, outcome == UploadResult.Stored ? intake.Size : 0);
        }
    }

    private async Task<UploadResult> StoreAsync(
        UserIdentity owner,
        string name,
        ContentRule rule,
        long? length,
        ContentIntake intake,
        CancellationToken deadline,
        CancellationToken cancellationToken)
    {
        if (!await intake.SettleTypeAsync(cancellationToken))
        {
            return NotItsType(rule);
        }

        using var claim = disk.TryClaim(length ?? _options.MaxBytes);
        if (claim is null)
        {
            logger.DiskFull(blobs.FreeBytes);
            return DiskFull();
        }

        var lifetime = _options.Timeout + ReservationMargin;
        var key = new BlobKey(owner.Tenant, FileViews.NewId());
        var isReserved = true;
        try
        {
            // Not under the sender's token: one who leaves while Dbman answers would leave a reservation that we know nothing of.
            var reserved = await dbman.Files.ReserveAsync(
                key.Tenant,
                new ReserveFileRequest(key.File, owner.User, name, intake.Type, length ?? _options.MaxBytes, (int)lifetime.TotalSeconds),
                deadline);
            if (!reserved.TryGet(out var file, out var problem))
            {
                // A lost answer may have been a yes.
                isReserved = problem.IsTransient;
                return new UploadResult("refused", Problems.From(problem));
            }

            cancellationToken.ThrowIfCancellationRequested();
            var result = await MoveAsync(file, rule, intake, claim, cancellationToken);
            isReserved = result.Outcome != UploadResult.Stored;
            return result;
        }
        catch (Exception exception)
        {
            logger.UploadCutOff(key.Tenant, key.File, intake.Size, exception.Message);
            throw;
        }
        finally
        {
            if (isReserved)
            {
                await GiveBackAsync(key);
            }
        }
    }

    private async Task<UploadResult> MoveAsync(
        FileRecord file, ContentRule rule, ContentIntake intake, DiskWatermark.Claim claim, CancellationToken cancellationToken)
    {
        var key = new BlobKey(file.Tenant, file.Id);
        var blob = await blobs.CreateAsync(key, cancellationToken);
        try
        {
            switch (await intake.MoveAsync(blob, claim, cancellationToken))
            {
                case IntakeOutcome.TooLarge:
                    return TooLarge(_options.MaxBytes);
                case IntakeOutcome.NotItsType:
                    return NotItsType(rule);
                case IntakeOutcome.DiskFull:
                    logger.DiskFull(blobs.FreeBytes);
                    return DiskFull();
            }

            await blob.CommitAsync(cancellationToken);
        }
        finally
        {
            await DropAsync(blob, file);
        }

        var completed = await dbman.Files.CompleteAsync(
            file.Tenant, file.Id, new CompleteFileRequest(intake.Size, intake.GetSha256(), intake.Type, intake.Picture), cancellationToken);
        if (completed.IsSuccess)
        {
            return new UploadResult(UploadResult.Stored, Results.Created($"{FileRoutes.Files}/{file.Id}", completed.Value.ToView()));
        }

        if (completed.Problem.Is(ProblemTypes.FileNotFound))
        {
            // The reservation expired first, and with it perhaps the row: only this call still knows the content.
            await blobs.DeleteAsync(key, cancellationToken);
            return new UploadResult("expired", Problems.Conflict("The upload's reservation expired before the upload ended."));
        }

        return new UploadResult("refused", Problems.From(completed.Problem));
    }

    public static UploadResult TooLarge(long maxBytes) =>
        new("too-large", Problems.TooLarge($"A file may have at most {maxBytes} bytes."));

    private static UploadResult DiskFull() =>
        new("disk-full", Problems.Of(StatusCodes.Status507InsufficientStorage, ProblemTypes.StorageFull, "There is no room for contents.", RetryWhenFull));

    private static UploadResult NotItsType(ContentRule rule) =>
        new("wrong-type", Problems.UnsupportedMediaType($"The content is not '{rule.Type}'."));

    private async Task DropAsync(IBlobWriter blob, FileRecord file)
    {
        try
        {
            await blob.DisposeAsync();
        }
        catch (BlobStoreException exception)
        {
            // Must not hide why the upload ended.
            logger.CleanUpFailed(file.Tenant, file.Id, exception);
        }
    }

    /// <summary>Not under the sender's token, which may be why we are here.</summary>
    private async Task GiveBackAsync(BlobKey key)
    {
        using var timeout = new CancellationTokenSource(CleanUpTimeout, time);
        try
        {
            var given = await dbman.Files.DeleteAsync(key.Tenant, key.File, timeout.Token);
            if (given.Problem is { } problem && !problem.Is(ProblemTypes.FileNotFound))
            {
                logger.GiveBackRefused(key.Tenant, key.File, problem.Status, problem.Type, problem.Detail);
            }
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            logger.CleanUpFailed(key.Tenant, key.File, exception);
        }
    }
}

/// <summary>How an upload ended: for the metrics, and for the sender.</summary>
internal sealed record UploadResult(string Outcome, IResult Response)
{
    public const string Stored = "stored";
}
