using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class DistributedApplicationEventingExtensions
{
    public static T OnBeforeStart<T>(this T builder, Func<BeforeStartEvent, CancellationToken, Task> callback)
        where T : IDistributedApplicationBuilder
    {
        builder.Eventing.Subscribe(callback);
        return builder;
    }

    public static IResourceBuilder<T> OnInitializeResource<T>(this IResourceBuilder<T> builder, Func<T, InitializeResourceEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<InitializeResourceEvent>(resource, (@event, token) => callback(resource, @event, token));
        return builder;
    }

    public static IResourceBuilder<T> OnBeforeResourceStarted<T>(
        this IResourceBuilder<T> builder, Func<T, BeforeResourceStartedEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<BeforeResourceStartedEvent>(resource, (@event, token) => callback(resource, @event, token));
        return builder;
    }

    public static IResourceBuilder<T> OnConnectionStringAvailable<T>(
        this IResourceBuilder<T> builder, Func<T, ConnectionStringAvailableEvent, CancellationToken, Task> callback)
        where T : IResourceWithConnectionString
    {
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<ConnectionStringAvailableEvent>(resource, (@event, token) => callback(resource, @event, token));
        return builder;
    }

    public static IResourceBuilder<T> OnResourceEndpointsAllocated<T>(
        this IResourceBuilder<T> builder, Func<T, ResourceEndpointsAllocatedEvent, CancellationToken, Task> callback)
        where T : IResourceWithEndpoints
    {
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceEndpointsAllocatedEvent>(resource, (@event, token) => callback(resource, @event, token));
        return builder;
    }

    public static IResourceBuilder<T> OnResourceReady<T>(this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(resource, (@event, token) => callback(resource, @event, token));
        return builder;
    }

    public static IResourceBuilder<T> OnResourceStopped<T>(this IResourceBuilder<T> builder, Func<T, ResourceStoppedEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceStoppedEvent>(resource, (@event, token) => callback(resource, @event, token));
        return builder;
    }
}
