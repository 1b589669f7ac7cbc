namespace Dashboard.Listening;

/// <summary>The ports that were configured.</summary>
internal sealed class ListenerPorts(IReadOnlyDictionary<Listener, int> ports)
{
    public int? Of(Listener listener) => ports.TryGetValue(listener, out var port) ? port : null;
}
