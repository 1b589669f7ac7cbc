using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>Resolves the environment and arguments of a resource: runs the callbacks, then asks each value.</summary>
internal static class Configurations
{
    public static async Task<Dictionary<string, object>> EnvironmentOfAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context);
        }

        return context.EnvironmentVariables;
    }

    public static async Task<IReadOnlyList<object>> ArgumentsOfAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], resource, cancellationToken) { ExecutionContext = execution, Logger = logger };
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context);
        }

        return [.. context.Args];
    }

    public static async Task<string?> ResolveAsync(object value, ValueProviderContext context, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(context, cancellationToken),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(context, cancellationToken),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new DistributedApplicationException($"A value of the type {value.GetType().Name} cannot be passed to a process."),
    };
}
