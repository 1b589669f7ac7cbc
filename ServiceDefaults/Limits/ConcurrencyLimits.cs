using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Limits;

/// <summary>All limits of this service by name.</summary>
internal sealed class ConcurrencyLimits : IAsyncDisposable
{
    private readonly FrozenDictionary<string, ConcurrencyLimit> _limits;

    public ConcurrencyLimits(
        IEnumerable<ConcurrencyLimitName> names, IOptionsMonitor<ConcurrencyLimitOptions> options, LimitsTelemetry telemetry, TimeProvider time)
    {
        _limits = names
            .Select(static name => name.Value)
            .Distinct(StringComparer.Ordinal)
            .Select(name => new ConcurrencyLimit(name, options.Get(name), telemetry, time))
            .ToFrozenDictionary(static limit => limit.Name, StringComparer.Ordinal);
        telemetry.Observe(_limits.Values);
    }

    public ConcurrencyLimit this[string name] => _limits.TryGetValue(name, out var limit)
        ? limit
        : throw new InvalidOperationException($"No concurrency limit '{name}': call AddConcurrencyLimit(\"{name}\").");

    public async ValueTask DisposeAsync()
    {
        foreach (var limit in _limits.Values)
        {
            await limit.DisposeAsync();
        }
    }
}

/// <summary>Says that a limit of this name is wanted.</summary>
internal sealed record ConcurrencyLimitName(string Value);

/// <summary>On an endpoint: which limit holds for it.</summary>
internal sealed record ConcurrencyLimitMetadata(string Name);
