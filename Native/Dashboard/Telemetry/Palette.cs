using System.Collections.Concurrent;

namespace Dashboard.Telemetry;

/// <summary>One colour per service, on all pages. Given in the order of appearance, so that the first dozen are all different.</summary>
internal sealed class Palette
{
    private const int Hues = 12;

    /// <summary>Names come from outside; those beyond this share by hash.</summary>
    private const int MaxNames = 1_000;

    private readonly ConcurrentDictionary<string, int> _hues = new(StringComparer.OrdinalIgnoreCase);
    private int _next = -1;

    public int HueOf(string service)
    {
        if (_hues.TryGetValue(service, out var hue))
        {
            return hue;
        }

        return _hues.Count >= MaxNames
            ? (int)((uint)string.GetHashCode(service, StringComparison.OrdinalIgnoreCase) % Hues)
            : _hues.GetOrAdd(service, _ => (int)((uint)Interlocked.Increment(ref _next) % Hues));
    }
}
