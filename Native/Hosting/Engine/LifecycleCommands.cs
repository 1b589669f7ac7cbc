using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>Start, stop and restart, which every resource that runs has. Their names once began with "resource-", and may still.</summary>
internal static class LifecycleCommands
{
    public static string WithoutPrefix(string command) =>
        command.StartsWith("resource-", StringComparison.Ordinal) ? command["resource-".Length..] : command;

    public static void AddTo(IResource resource, Func<string, Instance?> find)
    {
        Add(KnownResourceCommands.StartCommand, "Start", instance => instance.StartAsync);
        Add(KnownResourceCommands.StopCommand, "Stop", instance => instance.StopAsync);
        Add(KnownResourceCommands.RestartCommand, "Restart", instance => instance.RestartAsync);

        void Add(string name, string displayName, Func<Instance, Func<CancellationToken, Task>> action)
        {
            if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(c => c.Name == name))
            {
                return;
            }

            resource.Annotations.Add(new ResourceCommandAnnotation(name, displayName, StateOf(name), ExecuteAsync, new CommandOptions()));

            async Task<ExecuteCommandResult> ExecuteAsync(ExecuteCommandContext context)
            {
                if (find(context.ResourceName) is not { } instance)
                {
                    return CommandResults.Failure($"'{context.ResourceName}' is not a process of its own.");
                }

                await action(instance)(context.CancellationToken);
                return CommandResults.Success();
            }
        }
    }

    private static Func<UpdateCommandStateContext, ResourceCommandState> StateOf(string command) => context =>
    {
        var isDown = context.ResourceSnapshot.State?.Text is { } state
            && (KnownResourceStates.TerminalStates.Contains(state, StringComparer.Ordinal) || state == KnownResourceStates.NotStarted);
        return isDown == (command == KnownResourceCommands.StartCommand) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
    };
}
