using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>A builder as tests see it. What it builds is theirs to dispose; so is the builder, which stops an AppHost's Main that is never built.</summary>
internal sealed class TestingBuilder(DistributedApplicationBuilder inner, AppHostEntryPoint? entryPoint) : IDistributedApplicationTestingBuilder
{
    public DistributedApplicationBuilder Inner => inner;

    public ConfigurationManager Configuration => inner.Configuration;

    public string AppHostDirectory => inner.AppHostDirectory;

    public Assembly? AppHostAssembly => inner.AppHostAssembly;

    public IHostEnvironment Environment => inner.Environment;

    public IServiceCollection Services => inner.Services;

    public IDistributedApplicationEventing Eventing => inner.Eventing;

    public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;

    public IResourceCollection Resources => inner.Resources;

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource => inner.AddResource(resource);

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => inner.CreateResourceBuilder(resource);

    public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
        entryPoint is null ? Task.FromResult(inner.Build()) : entryPoint.BuildAsync(cancellationToken);

    public void Dispose() => entryPoint?.Dispose();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
