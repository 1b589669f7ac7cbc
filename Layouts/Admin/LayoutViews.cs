using System.Text.Json.Serialization;
using Contracts.Layouts;
using Layouts.Figures;

namespace Layouts.Admin;

/// <summary>State of all layouts.</summary>
/// <param name="Revision">Epoch of the newest record.</param>
/// <param name="Driver">Who drives; null: nobody at the moment.</param>
/// <param name="Scopes">Scopes with a layout of their own or a goal, the widest first; always with everything.</param>
/// <param name="MoreScopes">How many more there are than the limit allowed.</param>
/// <param name="Nodes">Nodes that were seen lately.</param>
/// <param name="Decisions">The latest, newest first.</param>
internal sealed record LayoutStatus(
    long Revision,
    DriverLease? Driver,
    IReadOnlyList<ScopeView> Scopes,
    int MoreScopes,
    IReadOnlyList<NodeView> Nodes,
    IReadOnlyList<LayoutDecision> Decisions);

/// <summary>One scope.</summary>
/// <param name="Scope"><c>all</c>, <c>tenant</c> or <c>tenant/room</c>.</param>
/// <param name="HasOwn">Whether it has a layout of its own; else <paramref name="State"/> is the wider one's.</param>
/// <param name="Epoch">Of its newest record; 0: it has none.</param>
/// <param name="Name">The state in words.</param>
/// <param name="State">What holds for it.</param>
/// <param name="Routes">Where that publishes to and listens to.</param>
/// <param name="By">Who asked for the newest record.</param>
/// <param name="Since">When it was added.</param>
/// <param name="Goal">What the driver is to bring about.</param>
internal sealed record ScopeView(
    string Scope, bool HasOwn, long Epoch, string Name, LayoutState State, RoutesView Routes, string? By, DateTimeOffset? Since, GoalView? Goal);

/// <summary>Families of channels: 0 is the legacy channel, N the layout with N message shards.</summary>
/// <param name="Publish">Every event goes to all of them.</param>
/// <param name="Listen">Rooms listen to this one.</param>
/// <param name="CanaryListen">Canaries listen to this one.</param>
internal sealed record RoutesView(IReadOnlyList<int> Publish, int Listen, int CanaryListen)
{
    public static RoutesView Of(LayoutState state)
    {
        var routes = LayoutRules.RoutesOf(state);
        return new RoutesView(routes.Publish, routes.Listen, routes.CanaryListen);
    }
}

/// <summary>A goal, and how far it is.</summary>
/// <param name="Name">The target in words.</param>
/// <param name="Target">State to reach; null: to have no layout of its own.</param>
/// <param name="Autopilot">Whether the autopilot decides when a stage may be left.</param>
/// <param name="By">Who asked.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why.</param>
/// <param name="Next">The next step; null: it is reached, or cannot be made.</param>
/// <param name="StepsLeft">From the current state.</param>
/// <param name="WaitsFor">Nodes and obstacles that keep the next step, in words; empty: none.</param>
/// <param name="IsDry">With <paramref name="Autopilot"/>: decisions are written, and nothing is done.</param>
internal sealed record GoalView(
    string Name,
    LayoutState? Target,
    bool Autopilot,
    string By,
    DateTimeOffset At,
    string? Reason,
    StepView? Next,
    int StepsLeft,
    IReadOnlyList<string> WaitsFor,
    bool IsDry = false);

/// <summary>One step.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Name">The state that it leads to, in words.</param>
/// <param name="State">That state; null: the scope follows the wider layout again.</param>
/// <param name="Routes">Where events go and are listened for then.</param>
/// <param name="IsBackward">Whether it leads back towards legacy.</param>
/// <param name="Effects">What changes by it.</param>
/// <param name="Undo">What takes it back.</param>
internal sealed record StepView(
    int Number,
    string Name,
    LayoutState? State,
    RoutesView? Routes,
    bool IsBackward,
    IReadOnlyList<string> Effects,
    string Undo);

/// <summary>What a goal does, step by step.</summary>
/// <param name="Scope">For what.</param>
/// <param name="Epoch">Of the scope's newest record; 0: it has none.</param>
/// <param name="From">What holds now, in words.</param>
/// <param name="To">What is to hold, in words.</param>
/// <param name="Target">The same as a state; null: no layout of its own.</param>
/// <param name="Steps">In order. Before each of them every live node has applied the one before.</param>
/// <param name="Undoes">What it takes back: steps that were made, and the goal that it replaces.</param>
/// <param name="Nodes">Live nodes: each step waits for all of them.</param>
/// <param name="Obstacle">Why it cannot be reached from the current state; null: it can.</param>
/// <param name="GoalAt">When it was set as the goal; null: it was not, this is only a plan.</param>
internal sealed record LayoutPlan(
    string Scope,
    long Epoch,
    string From,
    string To,
    LayoutState? Target,
    IReadOnlyList<StepView> Steps,
    IReadOnlyList<string> Undoes,
    IReadOnlyList<string> Nodes,
    string? Obstacle,
    DateTimeOffset? GoalAt);

/// <summary>Asks for a goal.</summary>
/// <param name="Scope"><c>all</c>, <c>tenant</c> or <c>tenant/room</c>.</param>
/// <param name="Stage">One of <see cref="LayoutStages"/>; null: the present one.</param>
/// <param name="Shards">Null: as it is.</param>
/// <param name="ShardKey">Null: as it is.</param>
/// <param name="Canary">Which rooms, for the stage canary; null: as it is.</param>
/// <param name="GiveUp">The scope is to follow the wider layout again; nothing else may be given.</param>
/// <param name="Reason">Why; up to 500 characters.</param>
/// <param name="By">Who asks, where a service asks for somebody; up to 100 characters.</param>
internal sealed record GoalRequest(
    string Scope,
    string? Stage = null,
    int? Shards = null,
    string? ShardKey = null,
    CanaryRequest? Canary = null,
    bool GiveUp = false,
    string? Reason = null,
    string? By = null);

/// <summary>See <see cref="CanaryRule"/>.</summary>
internal sealed record CanaryRequest(IReadOnlyList<string>? Tenants = null, IReadOnlyList<string>? Rooms = null, int PerMille = 0);

/// <summary>Asks for a rollback.</summary>
/// <param name="Scope"><c>all</c>, <c>tenant</c> or <c>tenant/room</c>.</param>
/// <param name="To">An earlier stage; null: the one before; during a reshard, the number of shards before.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who asks, where a service asks for somebody.</param>
internal sealed record RollbackRequest(string Scope, string? To = null, string? Reason = null, string? By = null);

/// <summary>Asks for another number of shards.</summary>
internal sealed record ReshardRequest(string Scope, int Shards, string? Reason = null, string? By = null);

/// <summary>Records of layouts, newest first.</summary>
internal sealed record HistoryView(IReadOnlyList<HistoryEntry> Items, string? Next);

/// <summary>One record.</summary>
internal sealed record HistoryEntry(long Epoch, string Scope, string Name, LayoutState? State, string By, string? Reason, DateTimeOffset At);

/// <summary>Nodes, and who lags behind.</summary>
internal sealed record NodesView(long Revision, IReadOnlyList<NodeView> Nodes, IReadOnlyList<string> WaitsFor);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(LayoutStatus))]
[JsonSerializable(typeof(LayoutPlan))]
[JsonSerializable(typeof(GoalRequest))]
[JsonSerializable(typeof(RollbackRequest))]
[JsonSerializable(typeof(ReshardRequest))]
[JsonSerializable(typeof(HistoryView))]
[JsonSerializable(typeof(NodesView))]
[JsonSerializable(typeof(Contracts.Page<LayoutDecision>))]
[JsonSerializable(typeof(FiguresView))]
[JsonSerializable(typeof(FigureSeriesView))]
[JsonSerializable(typeof(HotRoomsView))]
[JsonSerializable(typeof(ProposalsView))]
[JsonSerializable(typeof(AutopilotsView))]
[JsonSerializable(typeof(AutopilotRequest))]
internal sealed partial class AdminJsonContext : JsonSerializerContext;
