using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Order and health: who waits for whom, and what tells that a resource is well.</summary>
public static partial class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => Wait(builder, dependency.Resource, WaitType.WaitUntilHealthy, behavior: null);

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => Wait(builder, dependency.Resource, WaitType.WaitUntilHealthy, waitBehavior);

    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => Wait(builder, dependency.Resource, WaitType.WaitUntilStarted, behavior: null);

    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => Wait(builder, dependency.Resource, WaitType.WaitUntilStarted, waitBehavior);

    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => ReferenceEquals(builder.Resource, dependency.Resource)
            ? throw new DistributedApplicationException($"'{builder.Resource.Name}' cannot wait for itself.")
            : builder.WithRelationship(dependency.Resource, "WaitFor")
                .WithAnnotation(new WaitAnnotation(dependency.Resource, WaitType.WaitForCompletion, exitCode));

    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource => builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(h => h.Key == key)
            ? throw new DistributedApplicationException($"The resource '{builder.Resource.Name}' has the health check '{key}' already.")
            : builder.WithAnnotation(new HealthCheckAnnotation(key));

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints => builder.WithHttpHealthCheck(
            endpointName is null ? null : () => builder.GetEndpoint(endpointName), path, statusCode);

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = endpointSelector?.Invoke()
            ?? builder.Resource.GetEndpoints().FirstOrDefault(e => e.Scheme == "http")
            ?? builder.Resource.GetEndpoints().FirstOrDefault(e => e.Scheme == "https")
            ?? throw new DistributedApplicationException($"The resource '{builder.Resource.Name}' has no HTTP endpoint to check its health on.");
        var status = statusCode ?? 200;
        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_{status}_check";

        // Asked of each replica by the engine; through the balancer by whoever runs the registered health checks.
        builder.WithAnnotation(new HttpHealthProbe(key, endpoint.EndpointName, path ?? "/", status));
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key, _ => new HttpHealthCheck(endpoint, path ?? "/", status), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }

    private static IResourceBuilder<T> Wait<T>(IResourceBuilder<T> builder, IResource dependency, WaitType type, WaitBehavior? behavior)
        where T : IResourceWithWaitSupport
    {
        if (ReferenceEquals(builder.Resource, dependency) || builder.Resource is IResourceWithParent self && ReferenceEquals(self.Parent, dependency))
        {
            throw new DistributedApplicationException($"'{builder.Resource.Name}' cannot wait for '{dependency.Name}', which is itself or its parent.");
        }

        builder.WithRelationship(dependency, "WaitFor").WithAnnotation(new WaitAnnotation(dependency, type) { WaitBehavior = behavior });

        // A database is there once its server is.
        return dependency is IResourceWithParent child ? Wait(builder, child.Parent, type, behavior) : builder;
    }
}
