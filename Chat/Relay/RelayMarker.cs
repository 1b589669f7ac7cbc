using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Microsoft.Extensions.Options;

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

    private readonly RelayOptions _options = options.Value;

    /// <summary>Runs after the relay has stopped (hosted services stop in reverse order): what it published last is still reported.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
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

    /// <summary>Reports what is due. <paramref name="all"/>: everything, once.</summary>
    private async Task MarkAsync(bool all, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_options.MarkInterval, LongestWait > _options.MarkInterval ? LongestWait : _options.MarkInterval);
        while (ranges.Due(Limits.HeadsBatch, all) is { Count: > 0 } due)
        {
            var result = await dbman.Messages.MarkRelayedAsync(new MarkRelayedRequest(due), cancellationToken);
            if (!result.TryGet(out var marked, out var problem))
            {
                logger.MarkRefused(due.Count, problem.Status, problem.Type, problem.Detail);
                return;
            }

            var expired = ranges.Settle(due, marked.Positions, backoff, _options.PendingFor);
            if (expired > 0)
            {
                telemetry.MarksDropped(expired);
                logger.MarksDropped(expired);
            }

            if (all || due.Count < Limits.HeadsBatch)
            {
                return;
            }
        }
    }
}
