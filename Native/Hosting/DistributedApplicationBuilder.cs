using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Aspire.Hosting.Engine.Dashboards;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--output-path"] = "Publishing:OutputPath",
        ["--step"] = "Pipeline:Step",
    };

    private readonly HostApplicationBuilder _host;
    private readonly ResourceCollection _resources = [];
    private readonly EntryPointHook? _hook = EntryPointHook.Current;
    private readonly AppHostInfo _appHost;

    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
        : this(options, new HostApplicationBuilderSettings(), Assembly.GetEntryAssembly(), isTest: false)
    {
    }

    internal DistributedApplicationBuilder(DistributedApplicationOptions options, HostApplicationBuilderSettings settings, Assembly? entry, bool isTest)
    {
        ArgumentNullException.ThrowIfNull(options);
        _hook?.Creating(options, settings);
        _appHost = AppHostInfo.Of(options, _hook is null ? entry : Assembly.Load(new AssemblyName(settings.ApplicationName!)));
        settings.Args = options.Args ?? [];
        settings.ApplicationName = _appHost.Name;
        settings.ContentRootPath = _appHost.Directory;
        _host = new HostApplicationBuilder(settings);
        _host.Configuration.AddCommandLine(settings.Args, Switches);
        _host.Configuration.AddInMemoryCollection([new("AppHost:Sha256", _appHost.Sha256), new("AppHost:Directory", _appHost.Directory)]);
        ExecutionContext = Publication.Requested(_host.Configuration);
        IsTest = isTest || _hook is not null;
        EngineOptions = new EngineOptions
        {
            AppHostDirectory = _appHost.Directory,
            RandomizePorts = IsTest,
            LogResources = options.EnableResourceLogging,
            ApplicationName = options.DashboardApplicationName ?? _appHost.Name,
            IsScalable = HasDashboard(options),
            ProjectOutputs = _appHost.ProjectOutputs,
        };
        Secrets = new SecretsFile(IsTest ? null : Path.Combine(StateFolder, "secrets.json"));
        AddServices(options);
        _hook?.Created(this);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory => _appHost.Directory;

    public Assembly? AppHostAssembly => _appHost.Assembly;

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources => _resources;

    internal EngineOptions EngineOptions { get; set; }

    internal SecretsFile Secrets { get; }

    internal bool IsTest { get; }

    private string StateFolder => Path.Combine(_appHost.Directory, ".aspire");

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (_resources.TryGetByName(resource.Name, out _))
        {
            throw new DistributedApplicationException($"There is a resource named '{resource.Name}' already.");
        }

        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        _hook?.Building(this);
        var host = _host.Build();
        ExecutionContext.BuiltServices = host.Services;
        var application = new DistributedApplication(host, _hook);
        _hook?.Built(application);
        return application;
    }

    private bool HasDashboard(DistributedApplicationOptions options) => !options.DisableDashboard && ExecutionContext.IsRunMode;

    private void AddServices(DistributedApplicationOptions options)
    {
        var services = _host.Services;

        // The engine's own voice is the table of resources; a host's start-up chatter would be in its way.
        _host.Logging.ClearProviders();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(90));
        services.AddHealthChecks();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new DistributedApplicationModel(_resources));
        services.AddSingleton(ExecutionContext);
        services.AddSingleton(Eventing);
        services.AddSingleton<ResourceLoggerService>();
        services.AddSingleton<ResourceNotificationService>();
        services.AddSingleton(s => new ResourceCommandService(
            s, s.GetRequiredService<ResourceNotificationService>(), s.GetRequiredService<ResourceLoggerService>()));
        services.AddSingleton(s => new RunFolder(IsTest ? null : StateFolder, s.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Hosting")));
        services.AddSingleton(s => new EngineContext(
            s.GetRequiredService<DistributedApplicationModel>(),
            ExecutionContext,
            Eventing,
            s.GetRequiredService<ResourceNotificationService>(),
            s.GetRequiredService<ResourceLoggerService>(),
            s.GetRequiredService<HealthCheckService>(),
            s.GetRequiredService<RunFolder>(),
            EngineOptions,
            s.GetRequiredService<ILoggerFactory>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<IHostApplicationLifetime>(),
            s));
        services.AddSingleton<Balancer>();
        services.AddSingleton<Orchestrator>();
        if (!IsTest && ExecutionContext.IsRunMode)
        {
            services.AddHostedService<ParentWatch>();
        }

        if (HasDashboard(options))
        {
            // Before the resources, so that it is there when they start, and sees them stop.
            services.AddDashboard();
        }

        services.AddHostedService(s => s.GetRequiredService<Orchestrator>());
    }
}
