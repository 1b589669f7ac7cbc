using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly EntryPointHook? _hook;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DistributedApplication(IHost host)
        : this(host, hook: null)
    {
    }

    internal DistributedApplication(IHost host, EntryPointHook? hook)
    {
        ArgumentNullException.ThrowIfNull(host);
        _host = host;
        _hook = hook;
    }

    public IServiceProvider Services => _host.Services;

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    public virtual Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    public void Run() => RunAsync().GetAwaiter().GetResult();

    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_hook is not null)
        {
            // A test has taken the application over, and ends it.
            await _disposed.Task.WaitAsync(cancellationToken);
            return;
        }

        await Runner.RunAsync(this, _host, cancellationToken);
    }

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_disposed.Task.IsCompleted)
        {
            return;
        }

        // While everything is still there: a container that is being disposed of gives out no scope, which health checks ask for until the end.
        if (_host.Services.GetService<Orchestrator>() is { } orchestrator)
        {
            await orchestrator.StopAsync(CancellationToken.None);
        }

        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        _disposed.TrySetResult();
        GC.SuppressFinalize(this);
    }
}
