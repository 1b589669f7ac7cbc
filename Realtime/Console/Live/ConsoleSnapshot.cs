using Contracts.Layouts;
using Contracts.Results;
using Realtime.Migration.Admin;

namespace Realtime.Console.Live;

/// <summary>What all open pages show, as of one look. Immutable.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Status">Null: nothing was read yet.</param>
/// <param name="Problem">Why the newest look failed; what stands here is from the last one that did not.</param>
internal sealed record ConsoleSnapshot(DateTimeOffset At, LayoutStatus? Status, ServiceProblem? Problem)
{
    public static ConsoleSnapshot Nothing { get; } = new(default, null, null);

    public IEnumerable<NodeView> LiveNodes => Status?.Nodes.Where(static node => node.IsLive) ?? [];

    public ScopeView? Scope(string name) => Status?.Scopes.FirstOrDefault(scope => scope.Scope == name);
}
