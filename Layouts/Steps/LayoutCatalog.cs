using Contracts.Layouts;

namespace Layouts.Steps;

/// <summary>The layouts of all scopes as of one revision, as dbman has them. Immutable.</summary>
internal sealed class LayoutCatalog
{
    private readonly Dictionary<LayoutScope, LayoutRecord> _records;

    public LayoutCatalog(LayoutsResponse layouts)
        : this(layouts.Revision, [], layouts)
    {
    }

    private LayoutCatalog(long revision, Dictionary<LayoutScope, LayoutRecord> before, LayoutsResponse news)
    {
        Revision = revision;
        _records = before;
        foreach (var record in news.Records.OrderBy(static record => record.Epoch))
        {
            _records[record.Scope] = record;
        }
    }

    public long Revision { get; }

    /// <summary>Of scopes that have a layout of their own, widest first.</summary>
    public IEnumerable<LayoutRecord> Records => _records.Values
        .Where(static record => record.State is not null)
        .OrderBy(static record => record.Scope.Tenant, StringComparer.Ordinal)
        .ThenBy(static record => record.Scope.Room, StringComparer.Ordinal);

    /// <summary>The same, brought up to date with what is new.</summary>
    public LayoutCatalog With(LayoutsResponse news) => new(news.Revision, new Dictionary<LayoutScope, LayoutRecord>(_records), news);

    /// <summary>Epoch of the scope's newest record; 0: none is known.</summary>
    public long EpochOf(LayoutScope scope) => _records.GetValueOrDefault(scope)?.Epoch ?? 0;

    /// <summary>The newest record, also of a scope that was given up.</summary>
    public LayoutRecord? RecordOf(LayoutScope scope) => _records.GetValueOrDefault(scope);

    /// <summary>The scope's own layout; null: it follows the wider one.</summary>
    public LayoutState? Own(LayoutScope scope) => _records.GetValueOrDefault(scope)?.State;

    /// <summary>What the scope follows, or would without a layout of its own.</summary>
    public LayoutState Wider(LayoutScope scope) =>
        (scope.Room is null ? null : Own(new LayoutScope(scope.Tenant)))
        ?? (scope.Tenant is null ? null : Own(LayoutScope.All))
        ?? LayoutRules.Initial;

    /// <summary>What holds for the scope.</summary>
    public LayoutState Effective(LayoutScope scope) => Own(scope) ?? Wider(scope);
}
