using Contracts;
using Contracts.Messages;
using Contracts.Results;
using Microsoft.Extensions.Options;

namespace Dbman.Messages.Commit;

/// <summary>
/// Stores messages, many callers' together.
/// <para>
/// <b>Why.</b> A room's messages are numbered without a gap, so its writers take turns on the room's row, and each turn lasts as long as a commit. One
/// message a turn makes a hot room the slowest thing in the system; all messages that wait, in one turn, make it the fastest.
/// </para>
/// <para>
/// <b>Protocol.</b> (1) A call reserves room in the queues of the lanes that its messages belong to, all or none; no room: refused at once. A lane is
/// chosen by the room, so two batches of one replica never want the same row. (2) A lane takes everything that waits, up to the bounds of a batch, and
/// sends it in one round trip of two statements that share one transaction: the first locks the rooms, in the order of their keys; the second sees
/// everything that was committed before the locks were given, so it decides on that: known id, no member, id of another sender, or new. New messages of a
/// room get last_seq + 1, + 2, ... in the order of the queue, and last_seq moves by as many. (3) When the server has acknowledged the commit, and not
/// before, each message's caller gets its own outcome.
/// </para>
/// <para>
/// <b>Invariants.</b> last_seq equals the number of the room's messages, and their highest seq: both change in one transaction, under the row's lock. The
/// numbers follow the order of commits, so a reader that sees seq n sees every seq below it. A message id is stored once per room (unique index), and its
/// sender gets the first result as often as it asks. Messages of one call to one room are numbered in the call's order. sentAt never falls within a room.
/// </para>
/// <para>
/// <b>What may go wrong.</b> Replica dies with a batch in flight: the transaction was sent as a whole, so the server commits it or not, and no lock
/// outlives it; callers see a broken connection, repeat elsewhere, and get the first result if there was one. PostgreSQL dies: see
/// <see cref="BatchCommitter"/>; what was acknowledged is in the log on disk. Caller goes away: its messages that wait are dropped, those in a batch are
/// stored as if it were there. Two replicas, one room: their batches queue on the row, in any order. Two replicas, the same message: the second batch
/// looks after the first has committed, and finds it.
/// </para>
/// </summary>
internal sealed class GroupCommit : IHostedService
{
    private static readonly ServiceProblem Full = new(
        StatusCodes.Status503ServiceUnavailable,
        ProblemTypes.Overloaded,
        "Too many messages are waiting.",
        "The commit queue of this replica is full.",
        TimeSpan.FromSeconds(1));

    private static readonly ServiceProblem Closed = new(
        StatusCodes.Status503ServiceUnavailable, ProblemTypes.Draining, "This replica is shutting down.", RetryAfter: TimeSpan.FromSeconds(1));

    private readonly CommitLane[] _lanes;
    private readonly CommitTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cut = new();
    private Task _running = Task.CompletedTask;

    public GroupCommit(BatchCommitter committer, CommitTelemetry telemetry, IOptions<CommitOptions> options, TimeProvider time, ILogger<CommitLane> logger)
    {
        _telemetry = telemetry;
        _time = time;
        _lanes = [.. Enumerable.Range(0, options.Value.Lanes).Select(number => new CommitLane(number, committer, telemetry, options, time, logger))];
        telemetry.Observe(() => Waiting, options.Value.LaneQueue * _lanes.Length);
    }

    /// <summary>Messages that wait in all lanes.</summary>
    public int Waiting => _lanes.Sum(static lane => lane.Waiting);

    /// <summary>Stores messages whose form was checked before; <paramref name="refused"/> holds an outcome for those that failed the check.</summary>
    public async Task<ServiceResult<AppendResponse>> AppendAsync(
        IReadOnlyList<AppendItem> items, AppendOutcome?[] refused, CancellationToken cancellationToken)
    {
        var call = new AppendCall(items, _time.GetTimestamp());
        if (!TryReserve(items, refused))
        {
            _telemetry.Refused(items.Count, "full");
            return Full;
        }

        for (var index = 0; index < items.Count; index++)
        {
            if (refused[index] is { } outcome)
            {
                call.Complete(index, outcome);
            }
            else if (LaneOf(items[index]) is var lane && !lane.TryEnqueue(new PendingAppend(call, index)))
            {
                lane.Release(1, items[index].Text.Length);
                call.Fail(Closed);
            }
        }

        return await call.WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(_lanes.Select(lane => Task.Run(() => lane.RunAsync(_cut.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>
    /// The server has stopped by then: no caller waits for the queued messages, but they were accepted, so they are stored while time allows.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in _lanes)
        {
            lane.Close();
        }

        await using (cancellationToken.UnsafeRegister(static cut => ((CancellationTokenSource)cut!).Cancel(), _cut))
        {
            await _running;
        }

        _cut.Dispose();
    }

    private bool TryReserve(IReadOnlyList<AppendItem> items, AppendOutcome?[] refused)
    {
        for (var index = 0; index < items.Count; index++)
        {
            if (refused[index] is null && !LaneOf(items[index]).TryReserve(1, items[index].Text.Length))
            {
                for (var taken = 0; taken < index; taken++)
                {
                    if (refused[taken] is null)
                    {
                        LaneOf(items[taken]).Release(1, items[taken].Text.Length);
                    }
                }

                return false;
            }
        }

        return true;
    }

    private CommitLane LaneOf(AppendItem item) => _lanes[(uint)HashCode.Combine(item.Tenant, item.Room) % (uint)_lanes.Length];
}
