using System.Reflection;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost's Main on a thread of its own. Main gets to Build and waits there: the test has the builder meanwhile. Once the test builds,
/// Main goes on to Run, which does nothing but wait for the application's end.
/// </summary>
internal sealed class AppHostEntryPoint(
    Assembly assembly, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? configure) : EntryPointHook, IDisposable
{
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<DistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        var main = assembly.EntryPoint ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no entry point.");
        var thread = new Thread(() => RunMain(main)) { IsBackground = true, Name = "AppHost" };
        thread.Start();
        return _builder.Task.WaitAsync(cancellationToken);
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.TrySetResult();
        return _application.Task.WaitAsync(cancellationToken);
    }

    public override void Creating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        settings.ApplicationName = assembly.GetName().Name;
        AppHostLaunchProfile.Apply(assembly, args, settings);
        options.Args = [.. args, .. options.Args ?? []];
        options.DisableDashboard = true;
        configure?.Invoke(options, settings);
    }

    public override void Created(DistributedApplicationBuilder builder) => builder.Services.AddHttpClient();

    public override void Building(DistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _mayBuild.Task.GetAwaiter().GetResult();
    }

    public override void Built(DistributedApplication application) => _application.TrySetResult(application);

    public void Dispose() => _mayBuild.TrySetCanceled();

    private void RunMain(MethodInfo main)
    {
        Current = this;
        try
        {
            main.Invoke(null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()]);
            var early = new InvalidOperationException("The AppHost's Main ended without building an application.");
            _builder.TrySetException(early);
            _application.TrySetException(early);
        }
        catch (TargetInvocationException e)
        {
            _builder.TrySetException(e.InnerException!);
            _application.TrySetException(e.InnerException!);
        }
    }
}
