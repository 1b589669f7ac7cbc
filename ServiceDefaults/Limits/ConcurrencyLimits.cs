using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Limits;

/// <summary>All limits of this service by name, and the clock by which those that hold places are measured.</summary>
internal sealed class ConcurrencyLimits : IAsyncDisposable
{
    /// <summary>Short against the shortest grace, long against the cost of a look at every place.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(500);

    private readonly FrozenDictionary<string, ConcurrencyLimit> _limits;
    private readonly ITimer _sweep;

    public ConcurrencyLimits(
        IEnumerable<ConcurrencyLimitName> names, IOptionsMonitor<ConcurrencyLimitOptions> options, LimitsTelemetry telemetry, TimeProvider time)
    {
        _limits = names
            .Select(static name => name.Value)
            .Distinct(StringComparer.Ordinal)
            .Select(name => new ConcurrencyLimit(name, options.Get(name), telemetry, time))
            .ToFrozenDictionary(static limit => limit.Name, StringComparer.Ordinal);
        telemetry.Observe(_limits.Values);
        _sweep = time.CreateTimer(static self => ((ConcurrencyLimits)self!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    public ConcurrencyLimit this[string name] => _limits.TryGetValue(name, out var limit)
        ? limit
        : throw new InvalidOperationException($"No concurrency limit '{name}': call AddConcurrencyLimit(\"{name}\").");

    public ValueTask DisposeAsync() => _sweep.DisposeAsync();

    private void Sweep()
    {
        foreach (var limit in _limits.Values)
        {
            limit.Sweep();
        }
    }
}

/// <summary>Says that a limit of this name is wanted.</summary>
internal sealed record ConcurrencyLimitName(string Value);

/// <summary>On an endpoint: which limit holds for it.</summary>
internal sealed record ConcurrencyLimitMetadata(string Name);
