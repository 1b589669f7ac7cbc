using Contracts.Layouts;
using Contracts.Results;
using Layouts.Admin;

namespace Layouts.Console.Live;

/// <summary>What all open pages show, as of one look. Immutable.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Status">Null: nothing was read yet.</param>
/// <param name="Autopilots">State of the autopilots; null: none was on, so it was not read.</param>
/// <param name="Problem">Why the newest read failed; the rest is from the last one that succeeded.</param>
internal sealed record ConsoleSnapshot(DateTimeOffset At, LayoutStatus? Status, AutopilotsView? Autopilots, ServiceProblem? Problem)
{
    public static ConsoleSnapshot Nothing { get; } = new(default, null, null, null);

    public IEnumerable<NodeView> LiveNodes => Status?.Nodes.Where(static node => node.IsLive) ?? [];

    public AutopilotRow? Autopilot(string scope) => Autopilots?.Scopes.FirstOrDefault(row => row.Scope == scope);

    public ScopeView? Scope(string name) => Status?.Scopes.FirstOrDefault(scope => scope.Scope == name);
}
