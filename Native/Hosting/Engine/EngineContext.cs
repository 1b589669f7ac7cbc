using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>What every part of the engine needs.</summary>
internal sealed record EngineContext(
    DistributedApplicationModel Model,
    DistributedApplicationExecutionContext Execution,
    IDistributedApplicationEventing Eventing,
    ResourceNotificationService Notifications,
    ResourceLoggerService Loggers,
    HealthCheckService HealthChecks,
    RunFolder Folder,
    EngineOptions Options,
    ILoggerFactory LoggerFactory,
    TimeProvider Time,
    IHostApplicationLifetime Lifetime,
    IServiceProvider Services)
{
    public string ApplicationName => Options.ApplicationName;

    public ILogger Logger { get; } = LoggerFactory.CreateLogger("Aspire.Hosting");
}
