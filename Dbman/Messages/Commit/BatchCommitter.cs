using Contracts;
using Contracts.Messages;
using Contracts.Results;
using Dbman.Postgres;
using ServiceDefaults.Telemetry;

namespace Dbman.Messages.Commit;

/// <summary>
/// Commits a batch and handles every failure: when this returns, every item has been completed or failed. What is wrong with one item or one room
/// fails that item or room, and no other:
/// <list type="bullet">
/// <item>PostgreSQL lost: the idle connections are dropped, and the batch is retried once on a new one. It may have been committed before the answer
/// was lost; then the second try finds its ids and returns the first result. Lost again: all items fail with 503, and callers may repeat.</item>
/// <item>A lock not given in time: each room is tried alone without waiting; only those that are still locked fail.</item>
/// <item>Statement timeout: all items fail with 503. Trying again would feed an overloaded server.</item>
/// <item>Anything else (a value that PostgreSQL refuses although validation let it pass): the batch is halved until the item is alone, and fails
/// alone with 500.</item>
/// </list>
/// </summary>
internal sealed class BatchCommitter(BatchStore store, Database database, DatabaseTelemetry telemetry, CommitTelemetry commits, TimeProvider time, ILogger<BatchCommitter> logger)
{
    public async Task CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        using var activity = CommitTelemetry.Activities.StartBatch("dbman commit", batch.Items, static pending => pending.Call.Caller);
        var started = time.GetTimestamp();
        var outcome = await CommitAsync(batch, waitForLocks: true, mayRetry: true, cancellationToken);
        commits.Committed(batch.Count, batch.Rooms.Count, time.GetElapsedTime(started), outcome);
    }

    private async Task<string> CommitAsync(AppendBatch batch, bool waitForLocks, bool mayRetry, CancellationToken cancellationToken)
    {
        try
        {
            await store.StoreAsync(batch, waitForLocks, cancellationToken);
            return "committed";
        }
        catch (Exception exception) when (DatabaseFailure.Of(exception) is { } failure)
        {
            telemetry.Failed(failure);
            return await OnFailureAsync(batch, failure, exception, waitForLocks, mayRetry, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            FailAll(batch, Stopping);
            return "stopped";
        }
        catch (Exception exception)
        {
            return await IsolateAsync(batch, exception, waitForLocks, cancellationToken);
        }
    }

    private async Task<string> OnFailureAsync(
        AppendBatch batch, DatabaseFailure failure, Exception exception, bool waitForLocks, bool mayRetry, CancellationToken cancellationToken)
    {
        if (failure.Kind == DatabaseFailureKind.Unavailable && mayRetry)
        {
            logger.TryingAgain(batch.Count, exception.Message);
            database.DropIdleConnections();
            return await CommitAsync(batch, waitForLocks, mayRetry: false, cancellationToken);
        }

        if (failure.Kind == DatabaseFailureKind.LockTimeout && batch.Rooms.Count > 1)
        {
            logger.RoomByRoom(batch.Rooms.Count, exception.Message);
            foreach (var single in batch.SplitByRoom())
            {
                await CommitAsync(single, waitForLocks: false, mayRetry, cancellationToken);
            }

            return "split";
        }

        logger.BatchFailed(batch.Count, failure.Label, exception.Message);
        FailAll(batch, new ServiceProblem(
            StatusCodes.Status503ServiceUnavailable, failure.ProblemType, "The message may not have been stored.", failure.Detail, DatabaseFailure.RetryAfter));
        return failure.Label;
    }

    private async Task<string> IsolateAsync(AppendBatch batch, Exception exception, bool waitForLocks, CancellationToken cancellationToken)
    {
        if (batch.Items.Count > 1)
        {
            var (first, second) = batch.Halve();
            await CommitAsync(first, waitForLocks, mayRetry: true, cancellationToken);
            await CommitAsync(second, waitForLocks, mayRetry: true, cancellationToken);
            return "split";
        }

        logger.ItemRefused(exception);
        var refusal = new AppendOutcome(Problem: new ServiceProblem(
            StatusCodes.Status500InternalServerError, ProblemTypes.InternalError, "The message cannot be stored."));
        foreach (var item in batch.Items)
        {
            item.Complete(refusal);
        }

        foreach (var (item, _) in batch.Followers)
        {
            item.Complete(refusal);
        }

        return "refused";
    }

    private static void FailAll(AppendBatch batch, ServiceProblem problem)
    {
        foreach (var item in batch.Items)
        {
            item.Fail(problem);
        }

        foreach (var (item, _) in batch.Followers)
        {
            item.Fail(problem);
        }
    }

    private static readonly ServiceProblem Stopping = new(
        StatusCodes.Status503ServiceUnavailable, ProblemTypes.Draining, "This replica is shutting down.", RetryAfter: DatabaseFailure.RetryAfter);
}
