using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>The longest chain of waits before a resource. Resources that wait for each other in a circle would never start.</summary>
internal static class WaitDepth
{
    public static int Of(IResource resource) => Of(resource, []);

    private static int Of(IResource resource, List<IResource> path)
    {
        if (path.Contains(resource))
        {
            throw new DistributedApplicationException(
                $"These resources wait for each other in a circle: {string.Join(" -> ", path.Append(resource).Select(r => r.Name))}.");
        }

        path.Add(resource);
        var dependencies = resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource);
        if (resource is IResourceWithParent child)
        {
            dependencies = dependencies.Append(child.Parent);
        }

        var depth = dependencies.Select(d => Of(d, path) + 1).DefaultIfEmpty(0).Max();
        path.RemoveAt(path.Count - 1);
        return depth;
    }
}
