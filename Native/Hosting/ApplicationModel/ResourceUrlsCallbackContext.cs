using Aspire.Hosting.Engine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

public class ResourceUrlsCallbackContext(
    DistributedApplicationExecutionContext executionContext,
    IResource resource,
    List<ResourceUrlAnnotation>? urls = null,
    CancellationToken cancellationToken = default)
{
    public IResource Resource { get; } = resource;

    public List<ResourceUrlAnnotation> Urls { get; } = urls ?? [];

    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public EndpointReference? GetEndpoint(string name) =>
        Resource is IResourceWithEndpoints endpoints ? endpoints.GetEndpoints().FirstOrDefault(e => ResourceNames.Same(e.EndpointName, name)) : null;
}
