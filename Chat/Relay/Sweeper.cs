using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Publish;
using Contracts.Results;
using Microsoft.Extensions.Options;
using ServiceDefaults.Waiting;

namespace Chat.Relay;

/// <summary>
/// Publishes what was committed and never published.
/// </summary>
/// <remarks>
/// Protocol. Every replica runs one. A round claims rooms whose relay position has stayed behind their last message for longer than the grace time; Dbman gives a room to one
/// claimer until the claim runs out. Each room is walked from its position to the last message that it had when it was claimed, a page at a time: read from history, publish, report as relayed.
/// Crash cases. A sweeper that dies leaves a position that is right for what it did; after the claim expires another one continues from there. Two
/// sweepers of one room (a claim ran out under a slow one), or a sweeper and a relay that was only late: messages are published twice, which
/// receivers do not notice.
/// Invariants. The position moves only over messages that this round published. A round ends at the first refusal that is not about one room alone;
/// the waits between rounds grow while rounds fail, so that an outage is not answered with a storm.
/// </remarks>
internal sealed class Sweeper(
    DbmanClient dbman,
    RealtimeClient realtime,
    IOptions<SweeperOptions> options,
    IOptions<RelayOptions> relay,
    RelayTelemetry telemetry,
    TimeProvider time,
    ILogger<Sweeper> logger) : BackgroundService
{
    /// <summary>Most rooms claimed in one round: as many as are repaired before the claim runs out.</summary>
    private const int MostRooms = 32;

    private readonly SweeperOptions _options = options.Value;
    private readonly string _claimer = Ids.New(time);

    // Rooms that are ours until the claim runs out, the one in work first. Only the loop touches them.
    private Queue<RelayPosition> _claimed = new();
    private long _claimedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(NextWait(failures), time, stoppingToken);
            try
            {
                failures = await SweepAsync(stoppingToken) ? 0 : failures + 1;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // A bug in one round must not end sweeping.
                logger.SweepFailed(exception);
                failures++;
            }

            if (failures > 0)
            {
                telemetry.SweepFailed();
            }
        }
    }

    private TimeSpan NextWait(int failures) => failures == 0
        ? _options.Interval * (0.5 + Random.Shared.NextDouble())
        : new Backoff(_options.Interval, _options.MaxBackoff > _options.Interval ? _options.MaxBackoff : _options.Interval).Wait(failures + 1);

    /// <summary>One round; keeps claiming while it gets as many rooms as it requests. False when something was refused.</summary>
    private async Task<bool> SweepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // What a refused round left is still claimed by us: continue there instead of waiting for the claim to expire.
            var mayBeMore = false;
            if (!HasClaims)
            {
                _claimedAt = time.GetTimestamp();
                var result = await dbman.Messages.ClaimUnrelayedAsync(
                    new ClaimUnrelayedRequest(_claimer, (int)_options.Grace.TotalMilliseconds, (int)_options.Claim.TotalMilliseconds, MostRooms),
                    cancellationToken);
                if (!result.TryGet(out var claimed, out var problem))
                {
                    Refused("claim rooms", problem);
                    return false;
                }

                _claimed = new Queue<RelayPosition>(claimed.Positions);
                mayBeMore = _claimed.Count >= MostRooms;
            }

            while (HasClaims)
            {
                if (!await RepairNextAsync(cancellationToken))
                {
                    return false;
                }
            }

            if (!mayBeMore)
            {
                return true;
            }
        }
    }

    private bool HasClaims => _claimed.Count > 0 && time.GetElapsedTime(_claimedAt) < _options.Claim;

    /// <summary>Repairs the next claimed room. False when something was refused that concerns other rooms too; the room then stays the next one.</summary>
    private async Task<bool> RepairNextAsync(CancellationToken cancellationToken)
    {
        var before = _claimed.Peek();
        var (after, goesOn) = await RepairAsync(before, cancellationToken);
        if (after.RelayedSeq > before.RelayedSeq)
        {
            logger.Repaired((int)(after.RelayedSeq - before.RelayedSeq), after.Tenant, after.Room, after.RelayedSeq);
        }

        _claimed.Dequeue();
        if (!goesOn)
        {
            _claimed = new Queue<RelayPosition>([after, .. _claimed]);
        }

        return goesOn;
    }

    private async Task<(RelayPosition Position, bool GoesOn)> RepairAsync(RelayPosition position, CancellationToken cancellationToken)
    {
        var (tenant, room, _, _) = position;
        while (position.RelayedSeq < position.LastSeq && time.GetElapsedTime(_claimedAt) < _options.Claim)
        {
            var history = await dbman.Messages.GetAfterAsync(tenant, room, position.RelayedSeq, _options.PageSize, cancellationToken);
            if (!history.TryGet(out var page, out var problem))
            {
                // A room that was deleted meanwhile has nothing left to repair.
                return (position, problem.Is(ProblemTypes.RoomNotFound) || Refused("read history", problem));
            }

            if (page.Messages.Count == 0 || page.Messages[0].Seq != position.RelayedSeq + 1)
            {
                logger.HistoryHole(tenant, room, position.RelayedSeq);
                return (position, true);
            }

            foreach (var call in MessageWeight.Cut(page.Messages, relay.Value.MaxBatchBytes))
            {
                var published = await realtime.PublishAsync(new PublishRequest(call, []), cancellationToken);
                if (!published.IsSuccess)
                {
                    return (position, Refused("publish", published.Problem));
                }

                var to = call[^1].Seq;
                var marked = await dbman.Messages.MarkRelayedAsync(
                    new MarkRelayedRequest([new RelayedRange(tenant, room, position.RelayedSeq + 1, to)]), cancellationToken);
                if (!marked.IsSuccess)
                {
                    return (position, Refused("report relayed messages", marked.Problem));
                }

                telemetry.Repaired(call.Count);
                position = position with { RelayedSeq = to };
            }
        }

        return (position, true);
    }

    /// <summary>
    /// Whether the round may continue with another room: a permanent refusal concerns this room only, any other failure concerns all.
    /// </summary>
    private bool Refused(string step, ServiceProblem problem)
    {
        logger.SweepRefused(step, problem.Status, problem.Type, problem.Detail);
        return !problem.IsTransient;
    }
}
