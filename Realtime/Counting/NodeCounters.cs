using System.Collections.Frozen;
using Contracts.Layouts;
using Realtime.Wire;
using ServiceDefaults.Telemetry;

namespace Realtime.Counting;

/// <summary>
/// What this node counts of its publishes and comparisons since it began: by kind and layout, and separately for scopes whose layout is being
/// changed. Written by every publish, so each count is one interlocked addition; nothing is counted per delivery.
/// </summary>
internal sealed class NodeCounters
{
    private static readonly ChannelKind[] Kinds = [ChannelKind.Message, ChannelKind.Signal, ChannelKind.System];

    private readonly LatencyCounters[] _latencies = [.. Enumerable.Range(0, Kinds.Length * 2).Select(static _ => new LatencyCounters())];
    private readonly long[] _failed = new long[Kinds.Length * 2];

    // Replaced as a whole by the agent, read by publishes and probes.
    private FrozenDictionary<LayoutScope, ScopeCounters> _scopes = FrozenDictionary<LayoutScope, ScopeCounters>.Empty;

    /// <summary>
    /// Which scopes are counted apart: those that are between legacy and sharded first, as somebody may have to decide about them; then wide before
    /// narrow, and those that changed last. One that is no longer among them is forgotten.
    /// </summary>
    public void Follow(IEnumerable<LayoutRecord> records)
    {
        var known = Volatile.Read(ref _scopes);
        var chosen = records
            .Where(static record => record.State is not null)
            .OrderBy(static record => record.State!.Stage is LayoutStages.Legacy or LayoutStages.Sharded)
            .ThenBy(static record => (record.Scope.Tenant is null ? 0 : 1) + (record.Scope.Room is null ? 0 : 1))
            .ThenByDescending(static record => record.Epoch)
            .Take(FigureLimits.Scopes)
            .Select(static record => record.Scope);
        Volatile.Write(ref _scopes, chosen.ToFrozenDictionary(static scope => scope, scope => known.GetValueOrDefault(scope) ?? new ScopeCounters(scope)));
    }

    /// <summary>Null: the scope is not counted apart.</summary>
    public ScopeCounters? Of(LayoutScope scope) => Volatile.Read(ref _scopes).GetValueOrDefault(scope);

    /// <summary>One copy of some events was taken by the broker.</summary>
    public void Published(ChannelKind kind, bool isSharded, LayoutScope scope, int events, TimeSpan duration)
    {
        var bucket = LatencyBuckets.IndexOf(duration);
        _latencies[Index(kind, isSharded)].Add(bucket, events);
        Of(scope)?.Published(isSharded, bucket, events);
    }

    /// <summary>One copy of some events was not.</summary>
    public void Failed(ChannelKind kind, bool isSharded, LayoutScope scope, int events)
    {
        Interlocked.Add(ref _failed[Index(kind, isSharded)], events);
        Of(scope)?.Failed(events);
    }

    public IReadOnlyList<PublishFigures> ReadPublish()
    {
        var figures = new List<PublishFigures>(_latencies.Length);
        foreach (var kind in Kinds)
        {
            foreach (var isSharded in (bool[])[false, true])
            {
                var at = Index(kind, isSharded);
                var latency = _latencies[at].Read();
                var failed = Interlocked.Read(ref _failed[at]);
                if (latency.Counts.Count > 0 || failed > 0)
                {
                    figures.Add(new PublishFigures(RealtimeTelemetry.Text(kind), LayoutNames.Of(isSharded), failed, latency));
                }
            }
        }

        return figures;
    }

    public IReadOnlyList<ScopeFigures> ReadScopes() => [.. Volatile.Read(ref _scopes).Values.Select(static counters => counters.Read())];

    private static int Index(ChannelKind kind, bool isSharded) => (((int)kind - 1) * 2) + (isSharded ? 1 : 0);
}
