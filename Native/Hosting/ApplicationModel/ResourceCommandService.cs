using Aspire.Hosting.Engine;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs a command on all instances of a resource, or on the one instance whose id is given.</summary>
public class ResourceCommandService
{
    private readonly IServiceProvider _services;
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;

    internal ResourceCommandService(IServiceProvider services, ResourceNotificationService notifications, ResourceLoggerService loggers)
    {
        _services = services;
        _notifications = notifications;
        _loggers = loggers;
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(commandName);
        var ids = _notifications.IdsOf(resource);
        if (ids.Count == 0)
        {
            return CommandResults.Failure($"The resource '{resource.Name}' has no instance yet.");
        }

        var results = await Task.WhenAll(ids.Select(id => ExecuteOnInstanceAsync(resource, id, commandName, cancellationToken)));
        return results.FirstOrDefault(r => !r.Success) ?? results[0];
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resourceId);
        ArgumentNullException.ThrowIfNull(commandName);
        if (_notifications.ResourceOfId(resourceId) is { } instanceOf)
        {
            return await ExecuteOnInstanceAsync(instanceOf, resourceId, commandName, cancellationToken);
        }

        var model = _services.GetRequiredService<DistributedApplicationModel>();
        return model.Resources.TryGetByName(resourceId, out var resource)
            ? await ExecuteCommandAsync(resource, commandName, cancellationToken)
            : CommandResults.Failure($"There is no resource '{resourceId}'.");
    }

    private async Task<ExecuteCommandResult> ExecuteOnInstanceAsync(IResource resource, string id, string commandName, CancellationToken cancellationToken)
    {
        var command = resource.Annotations.OfType<ResourceCommandAnnotation>()
            .FirstOrDefault(c => c.Name == commandName || c.Name == LifecycleCommands.WithoutPrefix(commandName));
        if (command is null)
        {
            return CommandResults.Failure($"The resource '{resource.Name}' has no command '{commandName}'.");
        }

        var logger = _loggers.GetLogger(id);
        try
        {
            return await command.ExecuteCommand(new ExecuteCommandContext
            {
                Services = _services,
                ResourceName = id,
                CancellationToken = cancellationToken,
                Logger = logger,
            });
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            EngineLog.CommandFailed(logger, commandName, e);
            return CommandResults.Failure(e);
        }
    }
}
