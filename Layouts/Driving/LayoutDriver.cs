using Contracts;
using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Results;
using Layouts.Autopilot;
using Layouts.Steps;
using Microsoft.Extensions.Options;
using Realtime.Channels;
using Realtime.Node;
using ServiceDefaults.Waiting;

namespace Layouts.Driving;

/// <summary>
/// Brings layouts to their goals, step by step. Runs in every node; one of them drives.
/// </summary>
/// <remarks>
/// <para>
/// <b>A turn.</b> Take or renew the driver's lease; without it there is nothing to do. Read the goals, the layouts, and what the nodes have
/// applied. As long as a live node has not applied the newest record nothing more can be added, so wait, and look again soon. Else ask
/// <see cref="NextStep"/> what the oldest goal needs: a record is added with the epoch that was read, or a goal that is reached is cleared. Then
/// announce, and start over.
/// </para>
/// <para>
/// <b>Nothing is remembered that matters.</b> Every turn starts from what dbman has. The way to a goal follows from where its layout is
/// (<see cref="LayoutPath"/>), so the next driver continues from there, whatever its predecessor was about to do.
/// </para>
/// <para>
/// <b>Crash cases.</b> Before the record is added: nothing has happened. Between adding and announcing: nodes learn of it with their next heartbeat,
/// and the driver's next turn announces every revision that it sees for the first time. The answer to a change is lost: the next turn sees in the
/// epoch whether it took effect. After the last step, before the goal is cleared: the next turn finds it reached. A driver that froze and thaws while
/// another one drives: its change names an epoch that is no longer the newest and is refused; one that names the newest is the step that the other
/// one would make, and then the other's is refused. A goal that was replaced meanwhile: one more step of the old one, from which the way to the new
/// one leads on; only the very goal that was read is cleared.
/// </para>
/// <para>
/// <b>Invariants.</b> The expected epoch adds each step once, whichever node drives and however often a call is repeated. A goal is cleared only when
/// its layout is what it asks for and every live node has applied that. Safety rests on neither, but on dbman's barrier (ADR 0009).
/// </para>
/// <para>
/// Goals of the autopilot are the autopilot's: <see cref="LayoutAutopilot"/> decides when a stage may be left, and the step is then made as any
/// other.
/// </para>
/// </remarks>
internal sealed class LayoutDriver(
    DbmanClient dbman,
    RoomPublisher publisher,
    NodeAgent agent,
    LayoutNews news,
    DriverJournal journal,
    LayoutAutopilot autopilot,
    DriverTelemetry telemetry,
    IOptions<DriverOptions> options,
    TimeProvider time,
    ILogger<LayoutDriver> logger) : BackgroundService
{
    /// <summary>The least that dbman grants: a driver that goes in order is not waited for any longer.</summary>
    private const int ShortestLeaseMilliseconds = 1_000;

    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(2);

    private readonly LayoutsClient _plane = dbman.Layouts;
    private readonly DriverOptions _options = options.Value;
    private readonly Wakeup _poke = new(time);

    // Owned by the loop.
    private LayoutCatalog? _catalog;
    private long _term;
    private long _announced;
    private TimeSpan _look;
    private Attempt? _attempt;
    private long? _waitsSince;

    // Written by the loop, read by metrics and tests.
    private volatile bool _isDriving;

    /// <summary>Whether this node drives, as far as it knows.</summary>
    public bool IsDriving => _isDriving;

    /// <summary>Goals may have changed: look now.</summary>
    public void Poke() => _poke.Ring();

    /// <summary>Gives the lease back, so that the next driver need not wait for it to expire.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_isDriving)
        {
            return;
        }

        _isDriving = false;
        using var timeout = new CancellationTokenSource(HandOverTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var left = await _plane.DriveAsync(new DriverLeaseRequest(agent.Node, ShortestLeaseMilliseconds), either.Token);
            if (left.Problem is { } problem)
            {
                logger.DriverCallFailed("hand over", problem.Type, problem.Detail);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            logger.DriverCallFailed("hand over", "timeout", null);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _poke.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        telemetry.Observe(() => agent.Applied, () => _isDriving);
        _look = _options.FirstLook;

        // Before the first read: a change after it rings.
        news.GoalsChanged += OnGoalsChanged;
        try
        {
            while (true)
            {
                await _poke.WaitAsync(await SafeTurnAsync(stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process.
        }
        finally
        {
            news.GoalsChanged -= OnGoalsChanged;
        }
    }

    private void OnGoalsChanged(object? sender, EventArgs args) => Poke();

    private async Task<TimeSpan> SafeTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TurnAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A bug; it must not take the node and its connections with it.
            logger.DriverFailed(exception);
            return _options.Interval;
        }
    }

    /// <summary>One look and at most one step; answers when to look again.</summary>
    private async Task<TimeSpan> TurnAsync(CancellationToken cancellationToken)
    {
        if (!await HoldAsync(cancellationToken))
        {
            autopilot.Forget();
            return _options.Interval;
        }

        if (!(await _plane.GetGoalsAsync(cancellationToken)).TryGet(out var all, out var problem))
        {
            return Failed("read the goals", problem);
        }

        LayoutGoal[] goals = [.. all.Goals.OrderBy(static goal => goal.Autopilot).ThenBy(static goal => goal.At)];
        var isWatched = goals.Any(static goal => goal.Autopilot);
        journal.Keep(goals);
        if (goals.Length == 0)
        {
            _attempt = null;
            _waitsSince = null;

            // Nothing is on autopilot; that this node drives is reported all the same.
            autopilot.Begin([]);
            autopilot.Report();
            return _options.Interval;
        }

        if (!(await _plane.GetAsync(_catalog?.Revision ?? 0, cancellationToken)).TryGet(out var layouts, out problem))
        {
            return Failed("read the layouts", problem);
        }

        var catalog = _catalog = _catalog?.With(layouts) ?? new LayoutCatalog(layouts);
        await ResolveAttemptAsync(catalog, cancellationToken);
        await AnnounceAsync(catalog.Revision);
        if (!(await _plane.GetNodesAsync(isWatched, cancellationToken)).TryGet(out var nodes, out problem))
        {
            return Failed("read the nodes", problem);
        }

        var late = Laggards.Of(nodes);
        if (late.Count > 0)
        {
            return await WaitForAsync(nodes.Revision, Laggards.Describe(late, nodes.Revision), cancellationToken);
        }

        Arrived();
        return nodes.Revision == catalog.Revision ? await StepAsync(catalog, goals, nodes, cancellationToken) : LookAgain();
    }

    private async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        // A node that comes back as another one waits for the lease of its old name like everybody else.
        var node = agent.Node;
        var request = new DriverLeaseRequest(node, (int)_options.Lease.TotalMilliseconds);
        if (!(await _plane.DriveAsync(request, cancellationToken)).TryGet(out var lease, out var problem))
        {
            logger.DriverCallFailed("take the driver's lease", problem.Type, problem.Detail);
            _isDriving = false;
            return false;
        }

        var holds = lease.Holder == node;
        if (holds && (!_isDriving || lease.Term != _term))
        {
            // What another driver did meanwhile is unknown: read all, and announce once what it may not have announced.
            logger.Drives(lease.Term);
            _term = lease.Term;
            _catalog = null;
            _announced = -1;
            _attempt = null;
            _waitsSince = null;
            autopilot.Forget();
        }

        _isDriving = holds;
        return holds;
    }

    /// <summary>
    /// The first goal that can get a step, gets it; those that are reached are cleared on the way. What people asked for comes first.
    /// </summary>
    private async Task<TimeSpan> StepAsync(LayoutCatalog catalog, IReadOnlyList<LayoutGoal> goals, NodesResponse nodes, CancellationToken cancellationToken)
    {
        autopilot.Begin([.. goals.Where(static goal => goal.Autopilot)]);
        foreach (var goal in goals)
        {
            var step = NextStep.Of(catalog, goal.Scope, goal.Target, LayoutPath.PassingPerMille);
            if (goal.Autopilot)
            {
                if (!(await autopilot.LookAsync(catalog, goal, nodes, cancellationToken)).TryGet(out var permit, out var refusal))
                {
                    logger.DriverCallFailed("let the autopilot decide", refusal.Type, refusal.Detail);
                    continue;
                }

                if (permit.IsGoalReplaced)
                {
                    _look = _options.FirstLook;
                    return LookAgain();
                }

                if (permit.Step is null)
                {
                    continue;
                }

                step = permit.Step;
            }

            switch (step.Kind)
            {
                case StepKind.Reached:
                    if ((await _plane.ClearGoalAsync(goal, cancellationToken)).Problem is { } problem)
                    {
                        return Failed("clear a goal", problem);
                    }

                    await journal.ReachedAsync(goal, catalog, cancellationToken);
                    break;
                case StepKind.Blocked:
                    await journal.BlockedAsync(goal, step.Obstacle!, cancellationToken);
                    break;
                case StepKind.Change:
                    if (await ChangeAsync(catalog, goal, step.State, nodes, cancellationToken) is { } next)
                    {
                        return next;
                    }

                    break;
            }
        }

        autopilot.Report();
        return _options.Interval;
    }

    /// <summary>Null: this goal cannot have its step, and others are not to wait for it.</summary>
    private async Task<TimeSpan?> ChangeAsync(
        LayoutCatalog catalog, LayoutGoal goal, LayoutState? state, NodesResponse nodes, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(goal, catalog.EpochOf(goal.Scope), catalog.Effective(goal.Scope), state, nodes.Nodes.Count(static node => node.IsLive));
        _attempt = attempt;
        var change = await _plane.ChangeAsync(
            new ChangeLayoutRequest(goal.Scope, attempt.Expected, state, goal.By, goal.Reason), cancellationToken);
        if (change.TryGet(out var record, out var problem))
        {
            _attempt = null;
            await SteppedAsync(attempt, record, cancellationToken);
            await AnnounceAsync(record.Epoch);
            return LookAgain();
        }

        if (problem.IsTransient)
        {
            // It may still have taken effect: the attempt stays, and the next turn finds out.
            return Failed("add a layout", problem);
        }

        _attempt = null;
        if (problem.Is(ProblemTypes.LayoutBarrier))
        {
            return await WaitForAsync(catalog.Revision, problem.Detail ?? "live nodes", cancellationToken);
        }

        if (problem.Is(ProblemTypes.LayoutConflict))
        {
            logger.StepOvertaken(goal.Scope, problem.Detail);
            return LookAgain();
        }

        await journal.RefusedAsync(goal, problem, cancellationToken);
        return null;
    }

    /// <summary>An attempt whose answer was lost: has it taken effect?</summary>
    private async Task ResolveAttemptAsync(LayoutCatalog catalog, CancellationToken cancellationToken)
    {
        if (_attempt is not { } attempt)
        {
            return;
        }

        _attempt = null;
        if (catalog.RecordOf(attempt.Goal.Scope) is { } record && record.Epoch > attempt.Expected && attempt.IsWhat(record))
        {
            await SteppedAsync(attempt, record, cancellationToken);
        }
    }

    private async Task SteppedAsync(Attempt attempt, LayoutRecord record, CancellationToken cancellationToken)
    {
        telemetry.Stepped(record.State?.Stage ?? "none");
        _look = _options.FirstLook;
        _waitsSince = time.GetTimestamp();
        await journal.SteppedAsync(attempt.Before, record, attempt.Nodes, cancellationToken);
    }

    /// <summary>Each revision once; one that the broker did not take is announced again with the next turn.</summary>
    private async Task AnnounceAsync(long revision)
    {
        if (revision <= _announced)
        {
            return;
        }

        agent.Poke();
        if ((await publisher.ControlAsync(ControlEvents.LayoutChanged, default)).IsSuccess)
        {
            _announced = revision;
        }
    }

    private async Task<TimeSpan> WaitForAsync(long revision, string whom, CancellationToken cancellationToken)
    {
        _waitsSince ??= time.GetTimestamp();
        var waited = time.GetElapsedTime(_waitsSince.Value);
        if (waited >= _options.Patience)
        {
            await journal.StuckAsync(revision, waited, whom, cancellationToken);
        }

        return LookAgain();
    }

    private void Arrived()
    {
        if (_waitsSince is { } since)
        {
            telemetry.Waited(time.GetElapsedTime(since));
            _waitsSince = null;
        }
    }

    private TimeSpan LookAgain()
    {
        var look = _look < _options.Interval ? _look : _options.Interval;
        _look = look * 2;
        return look;
    }

    private TimeSpan Failed(string what, ServiceProblem problem)
    {
        logger.DriverCallFailed(what, problem.Type, problem.Detail);
        return problem.RetryAfter is { } later && later < _options.Interval ? later : _options.Interval;
    }

    /// <summary>A change that was asked for.</summary>
    /// <param name="Goal">What for.</param>
    /// <param name="Expected">Epoch that it named.</param>
    /// <param name="Before">What held before.</param>
    /// <param name="State">What was to hold.</param>
    /// <param name="Nodes">How many live nodes there were.</param>
    private sealed record Attempt(LayoutGoal Goal, long Expected, LayoutState Before, LayoutState? State, int Nodes)
    {
        public bool IsWhat(LayoutRecord record) => (State, record.State) switch
        {
            (null, null) => true,
            ({ } asked, { } made) => LayoutPath.AreSame(asked, made),
            _ => false,
        };
    }
}
