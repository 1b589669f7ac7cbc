using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Microsoft.Extensions.Options;
using ServiceDefaults.Waiting;

namespace Chat.Relay;

/// <summary>
/// Reports relayed ranges to Dbman: many messages, even of many rooms, in one call per tick. One call at a time; a refused one changes nothing, and the next tick tries again.
/// </summary>
internal sealed class RelayMarker(
    DbmanClient dbman,
    RelayedRanges ranges,
    IOptions<RelayOptions> options,
    RelayTelemetry telemetry,
    TimeProvider time,
    ILogger<RelayMarker> logger) : BackgroundService
{
    /// <summary>Longest wait before a range is reported again that another replica's hole keeps from counting.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a range that dbman could not join to its position is reported again: longer than the sweeper's grace time, as the sweeper closes
    /// the hole.
    /// </summary>
    private static readonly TimeSpan PendingFor = TimeSpan.FromSeconds(30);

    private readonly RelayOptions _options = options.Value;
    private readonly Lock _stopLock = new();
    private Task? _stopped;

    /// <summary>Runs after the relay has stopped (hosted services stop in reverse order): what it published last is still reported.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_stopLock)
        {
            // A host may stop twice at once (a signal beside a call). Both wait for the one last report; otherwise the first to end disposes of what the other uses.
            return _stopped ??= StopOnceAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        telemetry.ObservePendingRooms(() => ranges.Rooms);
        using var timer = new PeriodicTimer(_options.MarkInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await MarkAsync(all: false, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // A bug in one report must not end reporting: the sweeper would publish everything again.
                logger.MarkFailed(exception);
            }
        }
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var deadline = new CancellationTokenSource(_options.FlushTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await MarkAsync(all: true, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            logger.MarksDropped(ranges.Due(Limits.HeadsBatch, all: true).Count);
        }
    }

    /// <summary>Reports what is due. <paramref name="all"/>: also what waits for its next try.</summary>
    private async Task MarkAsync(bool all, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_options.MarkInterval, LongestWait > _options.MarkInterval ? LongestWait : _options.MarkInterval);
        while (ranges.Due(Limits.HeadsBatch, all) is { Count: > 0 } due)
        {
            var rooms = ranges.Rooms;
            var result = await dbman.Messages.MarkRelayedAsync(new MarkRelayedRequest(due), cancellationToken);
            if (!result.TryGet(out var marked, out var problem))
            {
                logger.MarkRefused(due.Count, problem.Status, problem.Type, problem.Detail);
                return;
            }

            var expired = ranges.Settle(due, marked.Positions, backoff, PendingFor);
            if (expired > 0)
            {
                telemetry.MarksDropped(expired);
                logger.MarksDropped(expired);
            }

            // With all, a range that cannot be joined yet would come up again at once: continue only while there is progress.
            if (due.Count < Limits.HeadsBatch || (all && ranges.Rooms >= rooms))
            {
                return;
            }
        }
    }
}
