namespace Dashboard.Telemetry;

/// <summary>Who sent it: a service, and which instance of it.</summary>
public sealed class TelemetryResource(string name, string instance, Tag[] attributes)
{
    private long _lastSeen;

    public string Name { get; } = name;

    /// <summary>Empty where the sender does not tell its instances apart.</summary>
    public string Instance { get; } = instance;

    public Tag[] Attributes { get; } = attributes;

    /// <summary>The engine gives instances ids that begin with the service's name; others get it in front.</summary>
    public string DisplayName { get; } =
        instance.Length == 0 ? name
        : instance.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? instance
        : $"{name}-{instance[..Math.Min(8, instance.Length)]}";

    /// <summary>Nanoseconds. Written by whoever receives something, read by the table when it is full.</summary>
    public long LastSeen
    {
        get => Interlocked.Read(ref _lastSeen);
        set => Interlocked.Exchange(ref _lastSeen, value);
    }
}
