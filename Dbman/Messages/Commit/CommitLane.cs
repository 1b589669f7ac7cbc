using System.Threading.Channels;
using Contracts;
using Contracts.Results;
using Microsoft.Extensions.Options;

namespace Dbman.Messages.Commit;

/// <summary>One of the lanes of <see cref="GroupCommit"/>: a bounded queue, and a loop that commits what has gathered in it.</summary>
internal sealed class CommitLane(
    int number,
    BatchCommitter committer,
    CommitTelemetry telemetry,
    IOptions<CommitOptions> options,
    TimeProvider time,
    ILogger<CommitLane> logger)
{
    /// <summary>Most characters of text in one transaction: bounds the time that its rooms stay locked.</summary>
    private const int MaxBatchCharacters = 1_024 * 1_024;

    /// <summary>Characters of text that wait in one lane, 16 MiB of memory: four full calls of the longest messages.</summary>
    private const int MaxWaitingCharacters = 8 * 1_024 * 1_024;

    private static readonly ServiceProblem TooLate = new(
        StatusCodes.Status503ServiceUnavailable, ProblemTypes.Overloaded, "The message waited too long.", RetryAfter: TimeSpan.FromSeconds(1));

    private readonly CommitOptions _options = options.Value;

    // Bounded by the reservations below: a call takes room for all of its items before it writes the first.
    private readonly Channel<PendingAppend> _queue = Channel.CreateUnbounded<PendingAppend>(new UnboundedChannelOptions { SingleReader = true });

    // Added to by callers, taken from by the loop.
    private int _waiting;
    private long _characters;

    /// <summary>Messages that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Takes room for that many messages; false when there is not enough.</summary>
    public bool TryReserve(int messages, long characters)
    {
        if (Interlocked.Add(ref _waiting, messages) > _options.LaneQueue)
        {
            Interlocked.Add(ref _waiting, -messages);
            return false;
        }

        if (Interlocked.Add(ref _characters, characters) > MaxWaitingCharacters)
        {
            Release(messages, characters);
            return false;
        }

        return true;
    }

    public void Release(int messages, long characters)
    {
        Interlocked.Add(ref _waiting, -messages);
        Interlocked.Add(ref _characters, -characters);
    }

    /// <summary>Queues a message for which room was taken; false when the lane is closed.</summary>
    public bool TryEnqueue(PendingAppend pending) => _queue.Writer.TryWrite(pending);

    /// <summary>No more messages; the loop ends when it has committed those that wait.</summary>
    public void Close() => _queue.Writer.TryComplete();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var batch = new AppendBatch();
        var reader = _queue.Reader;
        while (await reader.WaitToReadAsync(CancellationToken.None))
        {
            try
            {
                Fill(batch, reader);
                if (batch.Count > 0)
                {
                    await committer.CommitAsync(batch, cancellationToken);
                }
            }
            catch (Exception exception)
            {
                // CommitAsync answers for every item, so this is a bug in it. The lane must survive: all rooms of its hash depend on it.
                logger.LaneFailed(number, exception);
            }
            finally
            {
                batch.Clear();
            }
        }
    }

    /// <summary>
    /// Takes what waits, up to the bounds of a batch. It does not wait for more: while one batch commits, the next one accumulates.
    /// </summary>
    private void Fill(AppendBatch batch, ChannelReader<PendingAppend> reader)
    {
        var oldest = TimeSpan.Zero;
        while (batch.Count < _options.MaxBatch && batch.Characters < MaxBatchCharacters && reader.TryPeek(out var pending))
        {
            var waited = time.GetElapsedTime(pending.Call.EnqueuedAt);
            if (pending.Call.IsAbandoned || waited > _options.MaxWait)
            {
                Take(reader, pending);
                telemetry.Refused(1, pending.Call.IsAbandoned ? CommitTelemetry.Abandoned : "late");
                pending.Fail(TooLate);
                continue;
            }

            if (!batch.TryAdd(pending))
            {
                break;
            }

            Take(reader, pending);
            oldest = waited > oldest ? waited : oldest;
        }

        if (batch.Count > 0)
        {
            telemetry.Taken(oldest);
        }
    }

    private void Take(ChannelReader<PendingAppend> reader, PendingAppend pending)
    {
        reader.TryRead(out _);
        Release(1, pending.Item.Text.Length);
    }
}
