using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>
/// One process of a resource. Down, launching, running, stopping: the gate lets one change at a time through, and the running process's own end
/// (which can come at any time) is told from one that was asked for by <see cref="_stopAsked"/>. Nothing is restarted unless a command says so.
/// </summary>
internal sealed class Instance
{
    private readonly EngineContext _engine;
    private readonly ResourceRun _run;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ILogger _output;
    private CancellationTokenSource? _launch;
    private LocalProcess? _process;
    private Task _watch = Task.CompletedTask;
    private volatile bool _stopAsked;

    public Instance(EngineContext engine, ResourceRun run, int index)
    {
        _engine = engine;
        _run = run;
        Index = index;
        Id = $"{run.Resource.Name}-{Guid.NewGuid().ToString("N")[..8]}";
        Ports = EndpointAllocation.PortsOfInstance(run.Resource);
        _output = engine.LoggerFactory.CreateLogger($"Resources.{Id}");
    }

    public string Id { get; }

    public int Index { get; }

    public IReadOnlyDictionary<EndpointAnnotation, int> Ports { get; }

    public bool IsRunning => _process is { Exited.IsCompleted: false };

    public Task AnnounceAsync(string state) => PublishAsync(s => s with
    {
        ResourceType = _run.ResourceType,
        State = state,
        CreationTimeStamp = _engine.Time.GetUtcNow().UtcDateTime,
        Relationships =
            [.. _run.Resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(r => new RelationshipSnapshot(r.Resource.Name, r.Type))],
    });

    public Task FailAsync(string reason)
    {
        EngineLog.StartFailed(_engine.Loggers.GetLogger(Id), Id, reason);
        EngineLog.StartFailed(_engine.Logger, Id, reason);
        return PublishAsync(s => s with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
            StopTimeStamp = _engine.Time.GetUtcNow().UtcDateTime,
        });
    }

    /// <summary>The command "start": waits for the dependencies like the first start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
        {
            return;
        }

        await PublishAsync(s => s with { State = KnownResourceStates.Starting, ExitCode = null });
        if (await _run.TryPassAsync(cancellationToken))
        {
            await LaunchAsync(cancellationToken);
        }
    }

    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync(cancellationToken);
        await StartAsync(cancellationToken);
    }

    public async Task LaunchAsync(CancellationToken cancellationToken)
    {
        using var launch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (IsRunning)
            {
                return;
            }

            _launch = launch;
            await PublishAsync(s => s with { State = KnownResourceStates.Starting, ExitCode = null, StopTimeStamp = null, ResourceReadyEvent = null });
            var spec = await PrepareAsync(launch.Token);
            _stopAsked = false;
            var process = LocalProcess.Start(spec, _engine.Folder.Watchdog, OnLine);
            _process = process;
            await PublishRunningAsync(process, spec);
            _watch = WatchAsync(process);
        }
        catch (OperationCanceledException) when (launch.IsCancellationRequested)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.NotStarted });
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await FailAsync(e.Message);
        }
        finally
        {
            _launch = null;
            _gate.Release();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        GiveUpLaunch();
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_process is not { Exited.IsCompleted: false } process)
            {
                return;
            }

            _stopAsked = true;
            await PublishAsync(s => s with { State = KnownResourceStates.Stopping });
            if (!await process.StopAsync(_engine.Time))
            {
                EngineLog.Killed(_engine.Loggers.GetLogger(Id), Id, process.StopTimeout.TotalSeconds);
            }

            await _watch;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A launch in progress leaves the gate early.</summary>
    private void GiveUpLaunch()
    {
        try
        {
            _launch?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended between the look and the call.
        }
    }

    private async Task<ProcessSpec> PrepareAsync(CancellationToken cancellationToken)
    {
        var resource = _run.Resource;
        var logger = _engine.Loggers.GetLogger(Id);
        var values = new ValueProviderContext { Caller = resource, ExecutionContext = _engine.Execution, TargetPorts = Ports };
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in await Configurations.EnvironmentOfAsync(resource, _engine.Execution, logger, cancellationToken))
        {
            environment[name] = await Configurations.ResolveAsync(value, values, cancellationToken) ?? string.Empty;
        }

        var arguments = new List<string>();
        foreach (var value in await Configurations.ArgumentsOfAsync(resource, _engine.Execution, logger, cancellationToken))
        {
            if (await Configurations.ResolveAsync(value, values, cancellationToken) is { } argument)
            {
                arguments.Add(argument);
            }
        }

        var context = new LaunchContext(resource, _engine.Folder, _engine.Options.AppHostDirectory, Ports, arguments, environment, logger);
        if (resource is ProjectResource project)
        {
            environment["OTEL_RESOURCE_ATTRIBUTES"] = environment.TryGetValue("OTEL_RESOURCE_ATTRIBUTES", out var attributes)
                ? $"{attributes},service.instance.id={Id}"
                : $"service.instance.id={Id}";
            return ProjectLaunch.Spec(project, context, _engine.Options);
        }

        if (resource is ExecutableResource executable)
        {
            return new ProcessSpec(executable.Command, arguments, executable.WorkingDirectory) { Environment = environment };
        }

        return resource.TryGetLastAnnotation<LocalServer>(out var server)
            ? await server.PrepareAsync(context, cancellationToken)
            : throw new DistributedApplicationException(
                $"'{resource.Name}' is a container, and this engine runs local processes only. Use AspireEngine=packages where a container engine is installed.");
    }

    private async Task PublishRunningAsync(LocalProcess process, ProcessSpec spec)
    {
        var urls = await ResourceUrls.OfAsync(_run.Resource, _engine.Execution, _engine.Loggers.GetLogger(Id));
        await PublishAsync(s =>
        {
            var snapshot = s
                .WithProperty(KnownProperties.ExecutablePid, process.Id)
                .WithProperty(KnownProperties.ExecutablePath, spec.DisplayPath)
                .WithProperty(KnownProperties.ExecutableWorkDir, spec.WorkingDirectory)
                .WithProperty(KnownProperties.ExecutableArgs, spec.Arguments);
            snapshot = _run.Resource is ProjectResource project
                ? snapshot.WithProperty(KnownProperties.ProjectPath, project.GetProjectMetadata().ProjectPath)
                : snapshot;
            return snapshot with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.Running, KnownResourceStateStyles.Success),
                StartTimeStamp = _engine.Time.GetUtcNow().UtcDateTime,
                EnvironmentVariables = [.. spec.Environment.Select(e => new EnvironmentVariableSnapshot(e.Key, e.Value, IsFromSpec: true))],
                HealthReports = [.. HealthMonitor.KeysOf(_run.Resource).Select(k => new HealthReportSnapshot(k, null, null, null))],
                Urls = [.. urls, .. ResourceUrls.OwnOf(this, _run.Resource)],
            };
        });
    }

    /// <summary>Follows the process to its end, and its health meanwhile.</summary>
    private async Task WatchAsync(LocalProcess process)
    {
        using var over = new CancellationTokenSource();
        var health = HealthMonitor.RunAsync(_engine, _run.Resource, Id, Ports, () => _run.Ready(over.Token), over.Token);
        var code = await process.Exited;
        await over.CancelAsync();
        await health;
        process.Dispose();
        var asked = _stopAsked;
        if (!asked && code != 0)
        {
            EngineLog.Crashed(_engine.Loggers.GetLogger(Id), Id, code);
        }

        await PublishAsync(s => s with
        {
            State = asked || code == 0
                ? new ResourceStateSnapshot(_run.Resource is ContainerResource ? KnownResourceStates.Exited : KnownResourceStates.Finished, Style: null)
                : new ResourceStateSnapshot(KnownResourceStates.Exited, KnownResourceStateStyles.Error),
            ExitCode = code,
            StopTimeStamp = _engine.Time.GetUtcNow().UtcDateTime,
            HealthReports = [],
            ResourceReadyEvent = null,
        });
        _run.WentDown();
        if (_engine.Notifications.TryGetCurrentState(Id, out var last))
        {
            await TellStoppedAsync(last);
        }
    }

    private async Task TellStoppedAsync(ResourceEvent last)
    {
        try
        {
            await _engine.Eventing.PublishAsync(new ResourceStoppedEvent(_run.Resource, _engine.Services, last), CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            EngineLog.SubscriberFailed(_engine.Loggers.GetLogger(Id), _run.Resource.Name, e);
        }
    }

    private void OnLine(string line, bool isError)
    {
        _engine.Loggers.BufferOf(Id).Add(line, isError);
        _engine.Loggers.BufferOf(_run.Resource.Name).Add(line, isError);
        if (!_engine.Options.LogResources)
        {
            return;
        }

        if (isError)
        {
            EngineLog.ErrorOutput(_output, line);
        }
        else
        {
            EngineLog.Output(_output, line);
        }
    }

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        _engine.Notifications.PublishUpdateAsync(_run.Resource, Id, change);
}
