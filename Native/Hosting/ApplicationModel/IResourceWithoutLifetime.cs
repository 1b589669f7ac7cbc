namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that is neither started nor stopped, a parameter for one; nothing waits for it.</summary>
public interface IResourceWithoutLifetime : IResource
{
}
