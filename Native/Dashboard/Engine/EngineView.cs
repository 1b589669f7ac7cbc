using System.Collections.Immutable;
using Dashboard.Wire;

namespace Dashboard.Engine;

/// <summary>What is known of the application at one moment.</summary>
/// <param name="Application">Its name.</param>
/// <param name="IsConnected">Whether the engine answers; else what follows is what it said last.</param>
/// <param name="Instances">In the order of the application's resources, then of their instances.</param>
public sealed record EngineView(string Application, bool IsConnected, ImmutableArray<Instance> Instances)
{
    public static EngineView Empty { get; } = new(string.Empty, IsConnected: false, []);

    public Instance? Find(string? id) => Instances.FirstOrDefault(i => string.Equals(i.Id, id, StringComparison.OrdinalIgnoreCase));

    public IEnumerable<Instance> Of(string resource) => Instances.Where(i => string.Equals(i.Resource, resource, StringComparison.OrdinalIgnoreCase));

    /// <summary>The resource's name where it has one instance, else its id, which begins with it.</summary>
    public string NameOf(Instance instance) => Of(instance.Resource).Skip(1).Any() ? instance.Id : instance.Resource;

    public EngineView With(InstanceChanges changes)
    {
        var changed = changes.Changed.Select(c => c.Id).Concat(changes.RemovedIds).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var kept = changes.IsSnapshot ? [] : Instances.Where(i => !changed.Contains(i.Id));
        return new EngineView(
            changes.Application,
            IsConnected: true,
            [.. kept.Concat(changes.Changed).OrderBy(i => i.Order).ThenBy(i => i.Index).ThenBy(i => i.Id, StringComparer.Ordinal)]);
    }
}
