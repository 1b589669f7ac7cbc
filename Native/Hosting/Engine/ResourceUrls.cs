using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>The addresses that are shown for a resource.</summary>
internal static class ResourceUrls
{
    public static async Task<IReadOnlyList<UrlSnapshot>> OfAsync(IResource resource, DistributedApplicationExecutionContext execution, ILogger logger)
    {
        var urls = resource is IResourceWithEndpoints endpoints
            ? endpoints.GetEndpoints().Select(e => new ResourceUrlAnnotation { Url = e.Url, Endpoint = e }).ToList()
            : [];
        urls.AddRange(resource.Annotations.OfType<ResourceUrlAnnotation>());
        var context = new ResourceUrlsCallbackContext(execution, resource, urls) { Logger = logger };
        foreach (var callback in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
        {
            await callback.Callback(context);
        }

        return [.. context.Urls.Select(u => new UrlSnapshot(u.Endpoint?.EndpointName, u.Url, IsInternal: false)
        {
            DisplayProperties = new UrlDisplayPropertiesSnapshot(u.DisplayText ?? string.Empty),
        })];
    }

    /// <summary>A replica's own addresses, behind its balancer's.</summary>
    public static IEnumerable<UrlSnapshot> OwnOf(Instance instance, IResource resource) => instance.Ports
        .Where(p => EndpointAllocation.IsBalanced(resource, p.Key))
        .Select(p => new UrlSnapshot($"{p.Key.Name} target port", $"{p.Key.UriScheme}://localhost:{p.Value}", IsInternal: true));
}
