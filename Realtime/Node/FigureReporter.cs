using Contracts.Layouts;
using Contracts.Results;
using Microsoft.Extensions.Options;
using Realtime.Counting;

namespace Realtime.Node;

/// <summary>
/// Adds the node's figures to some of its heartbeats. They must never cost the lease: when the control plane refuses a heartbeat with figures, it
/// gets the same without them, at once.
/// </summary>
/// <remarks>The agent's loop alone calls it.</remarks>
internal sealed class FigureReporter(
    ILayoutPlane plane, NodeFiguresSource source, IOptions<CountingOptions> options, TimeProvider time, ILogger<FigureReporter> logger)
{
    /// <summary>A refusal is a bug, or another version: neither is gone with the next report.</summary>
    private const int PauseReports = 60;

    private readonly TimeSpan _interval = options.Value.Report;
    private long? _reportedAt;
    private TimeSpan _pause;

    public async Task<ServiceResult<NodeHeartbeatResponse>> BeatAsync(string node, NodeHeartbeat beat, CancellationToken cancellationToken)
    {
        if (_reportedAt is { } at && time.GetElapsedTime(at) < _interval + _pause)
        {
            return await plane.BeatAsync(node, beat, cancellationToken);
        }

        var now = time.GetTimestamp();
        var result = await plane.BeatAsync(node, beat with { Figures = source.Read() }, cancellationToken);
        if (result.Problem is not { IsTransient: false } refusal)
        {
            if (result.IsSuccess)
            {
                _reportedAt = now;
                _pause = TimeSpan.Zero;
            }

            return result;
        }

        var without = await plane.BeatAsync(node, beat, cancellationToken);
        if (without.IsSuccess)
        {
            _reportedAt = now;
            _pause = _interval * PauseReports;
            logger.FiguresRefused(refusal.Type, refusal.Detail, _pause);
        }

        return without;
    }
}
