using Contracts.Results;
using Layouts.Admin;
using Microsoft.Extensions.Options;
using ServiceDefaults.Waiting;

namespace Layouts.Console.Live;

/// <summary>
/// Reads the state for all open pages of this node: once per interval however many they are, and not at all while nobody looks. What it reads is
/// dbman's, so that every node shows the same.
/// </summary>
internal sealed class ConsoleFeed(LayoutAdmin admin, AutopilotAdmin autopilots, IOptions<ConsoleOptions> options, TimeProvider time, ILogger<ConsoleFeed> logger) : BackgroundService
{
    private const int Decisions = 5;

    /// <summary>Scopes that are shown, one below the other; the page says how many more there are, and finds one by name.</summary>
    private const int MostScopes = 100;

    private readonly Wakeup _wakeup = new(time);
    private int _watchers;

    // Written by the loop alone.
    private ConsoleSnapshot _current = ConsoleSnapshot.Nothing;

    /// <summary>There is a new snapshot. Handlers must not wait.</summary>
    public event Action? Changed;

    public ConsoleSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Pages that watch.</summary>
    public int Watchers => Volatile.Read(ref _watchers);

    /// <summary>A page begins to watch.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _watchers);
        _wakeup.Ring();
    }

    /// <summary>A page no longer watches.</summary>
    public void Leave() => Interlocked.Decrement(ref _watchers);

    /// <summary>Something was done: read at once.</summary>
    public void Poke() => _wakeup.Ring();

    public override void Dispose()
    {
        base.Dispose();
        _wakeup.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                if (Watchers > 0)
                {
                    Volatile.Write(ref _current, await ReadAsync(stoppingToken));
                    Changed?.Invoke();
                    await _wakeup.WaitAsync(options.Value.Poll, stoppingToken);
                }
                else
                {
                    await _wakeup.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process.
        }
    }

    private async Task<ConsoleSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var before = Current;
        var status = await admin.StatusAsync(only: null, MostScopes, Decisions, cancellationToken);
        if (!status.TryGet(out var now, out var problem))
        {
            Report(before.Problem, problem);
            return before with { Problem = problem };
        }

        if (!now.Scopes.Any(static scope => scope.Goal is { Autopilot: true }))
        {
            return new ConsoleSnapshot(time.GetUtcNow(), now, null, null);
        }

        if (!(await autopilots.StatusAsync(only: null, cancellationToken)).TryGet(out var pilots, out problem))
        {
            Report(before.Problem, problem);
            return before with { Problem = problem };
        }

        return new ConsoleSnapshot(time.GetUtcNow(), now, pilots, null);
    }

    /// <summary>Once per outage: the page says it all the time.</summary>
    private void Report(ServiceProblem? before, ServiceProblem problem)
    {
        if (before is null)
        {
            logger.ConsoleUnread(problem.Type, problem.Detail);
        }
    }
}
