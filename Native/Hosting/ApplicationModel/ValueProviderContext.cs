namespace Aspire.Hosting.ApplicationModel;

/// <summary>For whom a value is resolved.</summary>
public class ValueProviderContext
{
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    public IResource? Caller { get; init; }

    public NetworkIdentifier? Network { get; init; }

    /// <summary>The ports that the instance (replica) in question listens on, by endpoint; a replica's own port differs from its balancer's.</summary>
    internal IReadOnlyDictionary<EndpointAnnotation, int>? TargetPorts { get; init; }
}
