using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Dashboard.Telemetry;

/// <summary>The senders. Entries of the stores keep theirs, so forgetting one here loses nothing but its place in lists to choose from.</summary>
internal sealed class ResourceTable(IOptions<TelemetryOptions> options, TimeProvider time)
{
    private const string Unknown = "unknown_service";

    private readonly ConcurrentDictionary<(string Name, string Instance), TelemetryResource> _resources = new();
    private readonly Lock _forgetting = new();

    public TelemetryResource Get(Tag[] attributes)
    {
        var name = attributes.ValueOf("service.name") is { Length: > 0 } given ? given : Unknown;
        var key = (name, attributes.ValueOf("service.instance.id") ?? string.Empty);
        if (!_resources.TryGetValue(key, out var resource))
        {
            resource = _resources.GetOrAdd(key, static (key, attributes) => new TelemetryResource(key.Name, key.Instance, attributes), attributes);
            resource.LastSeen = time.Nanos();
            ForgetOldest();
        }

        resource.LastSeen = time.Nanos();
        return resource;
    }

    public TelemetryResource[] All() =>
        [.. _resources.Values.OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Instance, StringComparer.Ordinal)];

    private void ForgetOldest()
    {
        var max = options.Value.MaxResourceCount;
        if (_resources.Count <= max)
        {
            return;
        }

        lock (_forgetting)
        {
            // A tenth at once, so that a stream of new names does not sort the table for each.
            var excess = _resources.Count - max + (max / 10);
            foreach (var (key, _) in _resources.OrderBy(r => r.Value.LastSeen).Take(_resources.Count > max ? excess : 0).ToArray())
            {
                _resources.TryRemove(key, out _);
            }
        }
    }
}
