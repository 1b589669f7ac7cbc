using Contracts.Dbman;
using Contracts.Layouts;
using Contracts.Messages;
using Contracts.Results;
using Layouts.Brokers;
using Layouts.Driving;
using Layouts.Figures;
using Layouts.Steps;
using Microsoft.Extensions.Options;
using Realtime.Channels;
using Realtime.Node;

namespace Layouts.Planning;

/// <summary>
/// Runs the planner on the node that drives: once a window it reads the hot rooms of all nodes, the layouts and what the Redis masters worked, and
/// records new and withdrawn proposals. If <see cref="PlannerOptions.Apply"/> allows it, it makes proposals for sharded rooms their goals; the driver
/// then moves there by the usual barriers.
/// </summary>
/// <remarks>
/// Open proposals are read from the history when a node begins to drive, so that a change of the driver repeats nothing; windows start again then. It
/// never touches a room for which somebody else has a goal, or under a scope that is on its way, and never takes back a room's layout that was not
/// its own doing: there it only proposes.
/// </remarks>
internal sealed class PlannerService(
    DbmanClient dbman,
    LayoutDriver driver,
    FigureFeed figures,
    BrokerReader brokers,
    ClusterView cluster,
    DriverReport driverReport,
    IOptions<PlannerOptions> options,
    TimeProvider time,
    ILogger<PlannerService> logger) : BackgroundService
{
    /// <summary>Rooms of a look: more than any node reports.</summary>
    private const int MostHot = 500;

    /// <summary>Most rooms that have a layout of their own from the planner: all layouts are in every node's memory.</summary>
    private const int MaxRooms = 20;

    private readonly LayoutsClient _plane = dbman.Layouts;
    private readonly PlannerOptions _options = options.Value;

    // The loop's own. Null: this node does not drive.
    private ShardPlanner? _planner;
    private BrokerPrice? _price;
    private string? _gap;
    private HashSet<RoomKey> _held = [];
    private LayoutCatalog? _catalog;
    private Dictionary<LayoutScope, (int Shards, bool FollowsWider, long Epoch)> _standing = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Window, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if ((await PlanAsync(stoppingToken)).Problem is { } problem)
                {
                    logger.PlannerFailed(problem.Type, problem.Detail);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process.
        }
    }

    /// <summary>One window.</summary>
    private async Task<ServiceResult<Unit>> PlanAsync(CancellationToken cancellationToken)
    {
        if (!driver.IsDriving)
        {
            (_planner, _catalog, _price, driverReport.Brokers) = (null, null, null, null);
            return default(Unit);
        }

        if (!(await _plane.GetAsync(_catalog?.Revision ?? 0, cancellationToken)).TryGet(out var news, out var problem))
        {
            return problem;
        }

        var catalog = _catalog = _catalog?.With(news) ?? new LayoutCatalog(news);
        if (_planner is null)
        {
            if (!(await PlannerJournal.ReadAsync(_plane, catalog, cancellationToken)).TryGet(out var standing, out problem))
            {
                return problem;
            }

            _standing = standing.ToDictionary(static proposal => proposal.Scope, static proposal => (proposal.Shards, proposal.FollowsWider, proposal.Epoch));
            _planner = new ShardPlanner(_options);
        }

        if (!(await figures.ReadAsync(cancellationToken)).TryGet(out var look, out problem))
        {
            return problem;
        }

        var window = (_price ??= new BrokerPrice()).Take(await brokers.ReadAsync(cancellationToken), look.Reading);
        driverReport.Brokers = window.ToFigures([]);
        Say(window);
        if (look.Reading.Silent.Count > 0 || window.IsFirst)
        {
            // A part of the traffic is unknown, or its price, which the next window knows: there is no basis for growing or shrinking.
            return default(Unit);
        }

        var proposals = _planner.Judge(Loads(catalog, HotRoomTable.Of(look.Reading, MostHot)), window.PriceSeconds, time.GetUtcNow());
        driverReport.Brokers = window.ToFigures(_planner.Held);
        Say(_planner.Held);
        return await WriteAsync(catalog, proposals, cancellationToken) is { } failure ? failure
            : _options.Apply ? await ApplyAsync(catalog, proposals, cancellationToken)
            : default(Unit);
    }

    /// <summary>Once for each reason, and when it is over.</summary>
    private void Say(BrokerWindow window)
    {
        if (window.Gap is { IsUsual: false } gap && _gap != gap.Text)
        {
            _gap = gap.Text;
            logger.PriceUnknown(gap.Text);
        }
        else if (window is { Gap: null, PriceSeconds: { } price } && _gap is not null)
        {
            _gap = null;
            logger.PriceKnown(Math.Round(price * 1e6, 2));
        }
    }

    /// <summary>Once for each room, until it is no longer held.</summary>
    private void Say(IReadOnlyList<HeldRoom> held)
    {
        foreach (var room in held.Where(room => !_held.Contains(new RoomKey(room.Tenant, room.Room))))
        {
            logger.RoomHeld(room.Tenant, room.Room, Math.Round(room.MasterShare * 100, 1), room.Text);
        }

        _held = [.. held.Select(static room => new RoomKey(room.Tenant, room.Room))];
    }

    private ShardSpread? SpreadOf(RoomKey room) => cluster.IsCluster ? ShardSpread.Of(room, cluster.OwnerOf) : ShardSpread.OneServer;

    private RoomLoad[] Loads(LayoutCatalog catalog, IReadOnlyList<RoomRate> hot)
    {
        var rates = hot.ToDictionary(static room => room.Room, static room => room.MessagesPerSecond);
        var own = catalog.Records.Where(static record => record.Scope.Room is not null).Select(static record => new RoomKey(record.Scope.Tenant!, record.Scope.Room!));
        return
        [
            .. rates.Keys.Union(own).Select(room =>
            {
                var scope = new LayoutScope(room.Tenant, room.Room);
                var (state, wider) = (catalog.Effective(scope), catalog.Wider(scope));
                return new RoomLoad(
                    room,
                    rates.GetValueOrDefault(room),
                    state.Shards,
                    wider.Shards,
                    catalog.Own(scope) is not null,
                    IsAtRest(state) && IsAtRest(wider) && state.Stage == wider.Stage,
                    catalog.RecordOf(scope)?.At,
                    SpreadOf(room));
            }),
        ];
    }

    private static bool IsAtRest(LayoutState state) => state is { Stage: LayoutStages.Legacy or LayoutStages.Sharded, Step: LayoutSteps.None };

    /// <summary>What is new, and what is gone; the first failure ends it, and the rest is written with the next window.</summary>
    private async Task<ServiceProblem?> WriteAsync(LayoutCatalog catalog, IReadOnlyList<ShardProposal> proposals, CancellationToken cancellationToken)
    {
        foreach (var proposal in proposals)
        {
            var scope = PlannerJournal.ScopeOf(proposal);
            var entry = (proposal.To, proposal.FollowsWider, catalog.EpochOf(scope));
            if (_standing.TryGetValue(scope, out var known) && known == entry)
            {
                continue;
            }

            var why = PlannerText.Propose(proposal, _options);
            if ((await _plane.AddDecisionAsync(PlannerJournal.Propose(proposal, why, catalog), cancellationToken)).Problem is { } problem)
            {
                return problem;
            }

            logger.Proposed(scope, proposal.From, proposal.To, why);
            _standing[scope] = entry;
        }

        foreach (var scope in _standing.Keys.Except(proposals.Select(PlannerJournal.ScopeOf)).ToArray())
        {
            // If the room's layout has changed since, the proposal was followed or overtaken: it is no longer open, and needs no withdrawal.
            if (_standing[scope].Epoch == catalog.EpochOf(scope) && (await _plane.AddDecisionAsync(PlannerJournal.Withdraw(scope, catalog), cancellationToken)).Problem is { } problem)
            {
                return problem;
            }

            _standing.Remove(scope);
        }

        return null;
    }

    private async Task<ServiceResult<Unit>> ApplyAsync(LayoutCatalog catalog, IReadOnlyList<ShardProposal> proposals, CancellationToken cancellationToken)
    {
        if (proposals.Count == 0)
        {
            return default(Unit);
        }

        if (!(await _plane.GetGoalsAsync(cancellationToken)).TryGet(out var goals, out var problem))
        {
            return problem;
        }

        var busy = goals.Goals.Select(static goal => goal.Scope).ToHashSet();
        var rooms = catalog.Records.Count(static record => record.Scope.Room is not null);
        foreach (var proposal in proposals)
        {
            var scope = PlannerJournal.ScopeOf(proposal);
            var own = catalog.Own(scope);
            if (busy.Contains(scope) || busy.Contains(new LayoutScope(scope.Tenant)) || busy.Contains(LayoutScope.All)
                || catalog.Effective(scope) is not { Stage: LayoutStages.Sharded } state
                || (own is not null && catalog.RecordOf(scope)!.By != PlannerJournal.By)
                || (own is null && rooms >= MaxRooms))
            {
                continue;
            }

            var goal = new SetLayoutGoalRequest(
                scope, proposal.FollowsWider ? null : state with { Shards = proposal.To }, Autopilot: false, PlannerJournal.By, PlannerText.Propose(proposal, _options));
            if ((await _plane.SetGoalAsync(goal, cancellationToken)).Problem is { } refusal)
            {
                return refusal;
            }

            rooms += own is null ? 1 : 0;
            driver.Poke();
            if ((await _plane.AddDecisionAsync(PlannerJournal.Apply(proposal, catalog), cancellationToken)).Problem is { } failure)
            {
                return failure;
            }

            _standing.Remove(scope);
        }

        return default(Unit);
    }
}
