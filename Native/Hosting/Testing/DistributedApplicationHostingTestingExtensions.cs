using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Testing;

public static class DistributedApplicationHostingTestingExtensions
{
    /// <summary>A client whose base address is an endpoint of a resource: the named one, else https, else http.</summary>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = app.GetEndpoint(resourceName, endpointName);
        return client;
    }

    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        Find(app, resourceName) is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"The resource '{resourceName}' has no connection string.", nameof(resourceName));

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        if (Find(app, resourceName) is not IResourceWithEndpoints resource)
        {
            throw new ArgumentException($"The resource '{resourceName}' has no endpoints.", nameof(resourceName));
        }

        var endpoint = endpointName is not null
            ? resource.GetEndpoint(endpointName)
            : resource.GetEndpoints().FirstOrDefault(e => e.Scheme == "https")
                ?? resource.GetEndpoints().FirstOrDefault(e => e.Scheme == "http")
                ?? resource.GetEndpoints().FirstOrDefault();
        return endpoint is { Exists: true }
            ? new Uri(endpoint.Url)
            : throw new ArgumentException($"The resource '{resourceName}' has no endpoint '{endpointName}'.", nameof(endpointName));
    }

    private static IResource Find(DistributedApplication app, string resourceName) =>
        app.Services.GetRequiredService<DistributedApplicationModel>().Resources.TryGetByName(resourceName, out var resource)
            ? resource
            : throw new ArgumentException($"There is no resource '{resourceName}'.", nameof(resourceName));
}
