using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;
using Microsoft.Extensions.Options;
using Realtime.Counting;
using ServiceDefaults.Waiting;

namespace Layouts.Figures;

/// <summary>
/// Figures of all nodes, with the history that charts need. Reads dbman every few seconds while somebody asks, and for a while after; else not at
/// all. Any node answers, from its own memory: two nodes' charts differ by where they began.
/// </summary>
internal sealed class FigureFeed(
    DbmanClient dbman, IOptions<FiguresOptions> options, IOptions<CountingOptions> counting, TimeProvider time, ILogger<FigureFeed> logger) : BackgroundService
{
    /// <summary>Reports that may be missed before a node counts as silent.</summary>
    private const int MissedReports = 4;

    private readonly FiguresOptions _options = options.Value;
    private readonly TimeSpan _report = counting.Value.Report;
    private readonly Wakeup _asked = new(time);
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _gate = new();

    // Under the lock.
    private readonly Queue<FigureReading> _readings = new();
    private readonly Queue<FiguresView> _points = new();
    private NodesResponse? _nodes;
    private FigureReading? _newest;
    private long _newestAt;
    private long _askedAt = long.MinValue;

    /// <summary>The newest figures, no older than a few seconds.</summary>
    public async Task<ServiceResult<FiguresView>> GetAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).TryGet(out var look, out var problem) ? look.View : problem;

    /// <summary>The newest reading, and the nodes as they were then.</summary>
    public async Task<ServiceResult<FigureLook>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _askedAt = time.GetTimestamp();
        }

        _asked.Ring();
        return await RefreshAsync(cancellationToken);
    }

    /// <summary>Points later than <paramref name="since"/>, oldest first.</summary>
    public IReadOnlyList<FiguresView> Points(DateTimeOffset? since)
    {
        lock (_gate)
        {
            return [.. _points.Where(point => since is null || point.At > since)];
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _asked.Dispose();
        _reading.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                if (IsWanted())
                {
                    if ((await RefreshAsync(stoppingToken)).Problem is { } problem)
                    {
                        logger.FiguresUnread(problem.Type, problem.Detail);
                    }

                    await _asked.WaitAsync(_options.Poll, stoppingToken);
                }
                else
                {
                    await _asked.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process.
        }
    }

    private bool IsWanted()
    {
        lock (_gate)
        {
            return _askedAt != long.MinValue && time.GetElapsedTime(_askedAt) < _options.Linger;
        }
    }

    /// <summary>One read at a time, and none while the last one is fresh: a crowd of pages costs as much as one.</summary>
    private async Task<ServiceResult<FigureLook>> RefreshAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            lock (_gate)
            {
                if (_newest is not null && time.GetElapsedTime(_newestAt) < _options.Poll * 0.9)
                {
                    return Look_NeedsLock();
                }
            }

            if (!(await dbman.Layouts.GetNodesAsync(withFigures: true, cancellationToken)).TryGet(out var nodes, out var problem))
            {
                return problem;
            }

            lock (_gate)
            {
                Take_NeedsLock(nodes);
                return Look_NeedsLock();
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private FigureLook Look_NeedsLock() => new(_newest!, _nodes!, _points.Last());

    private void Take_NeedsLock(NodesResponse nodes)
    {
        var reading = FigureReading.Of(time.GetUtcNow(), nodes, _report * MissedReports);

        // The first of a window is the youngest that is old enough; older ones are no longer needed.
        while (_readings.Count > 1 && _readings.ElementAt(1) is var second && reading.At - second.At >= _options.Window)
        {
            _readings.Dequeue();
        }

        // After a pause in which nobody asked, the reading before it is too old to say what happens now.
        if (_readings.TryPeek(out var oldest) && reading.At - oldest.At > _options.Window * 4)
        {
            _readings.Clear();
        }

        var view = FigureViews.Of(_readings.TryPeek(out var first) ? first : null, reading);
        _readings.Enqueue(reading);
        _points.Enqueue(view);
        while (_points.Count > _options.Points)
        {
            _points.Dequeue();
        }

        (_newest, _nodes, _newestAt) = (reading, nodes, time.GetTimestamp());
    }
}

/// <summary>The newest of what a feed has read.</summary>
/// <param name="Reading">By source.</param>
/// <param name="Nodes">As dbman gave them.</param>
/// <param name="View">The same for people.</param>
internal sealed record FigureLook(FigureReading Reading, NodesResponse Nodes, FiguresView View);
