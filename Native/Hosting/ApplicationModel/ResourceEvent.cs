namespace Aspire.Hosting.ApplicationModel;

public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;

    /// <summary>The instance: a replica's own id, or the resource's.</summary>
    public string ResourceId { get; } = resourceId;

    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
