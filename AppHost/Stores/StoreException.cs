namespace AppHost.Stores;

/// <summary>PostgreSQL or Redis cannot be started on this machine. The message is one paragraph that says why and what to do.</summary>
internal sealed class StoreException(string message) : DistributedApplicationException(message);
