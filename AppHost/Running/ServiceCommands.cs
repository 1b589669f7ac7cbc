using System.Reflection;
using AppHost.Stores;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AppHost.Running;

/// <summary>Commands that the dashboard offers on the resources in addition to start and stop.</summary>
internal static class ServiceCommands
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Runs <c>layout <paramref name="verb"/></c>, the command line of Layouts, against the running nodes.</summary>
    public static IResourceBuilder<ProjectResource> WithLayoutCommand(
        this IResourceBuilder<ProjectResource> realtime, string verb, string title, string icon, ParameterResource key) =>
        realtime.WithCommand(
            $"layout-{verb}",
            title,
            async context => Result(title, await Tool.TryRunAsync(
                [
                    "dotnet", "run", "--no-build", "--no-launch-profile", "--configuration", Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
                    "--project", realtime.Resource.GetProjectMetadata().ProjectPath, "--", verb,
                ],
                Limit,
                context.CancellationToken,
                environment: new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["REALTIME_URL"] = realtime.GetEndpoint("http").Url,
                    ["OPERATOR_KEY"] = await key.GetValueAsync(context.CancellationToken) ?? string.Empty,
                })),
            new CommandOptions { IconName = icon, UpdateState = WhenHealthy });

    /// <summary>Runs try-it.sh: from sign-up to a received message.</summary>
    public static IResourceBuilder<ProjectResource> WithTryItCommand(this IResourceBuilder<ProjectResource> chat, IResourceBuilder<ProjectResource> session) =>
        chat.WithCommand(
            "send-message",
            "Send a message",
            async context => Result("A message", await Tool.TryRunAsync(
                ["bash", Path.Combine(chat.ApplicationBuilder.AppHostDirectory, "try-it.sh")],
                Limit,
                context.CancellationToken,
                environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["SESSION"] = session.GetEndpoint("http").Url, ["CHAT"] = chat.GetEndpoint("http").Url })),
            new CommandOptions { Description = "Signs a tenant up, opens a room, posts and reads, by curl.", IconName = "Send", UpdateState = WhenHealthy });

    /// <summary>Empties database and files, and starts the services again.</summary>
    /// <param name="database">Whose content goes.</param>
    /// <param name="blobs">The folder of files.</param>
    /// <param name="services">In the order of their start.</param>
    public static void WithResetCommand(
        this IResourceBuilder<IResourceWithConnectionString> database, string blobs, params IReadOnlyList<IResourceBuilder<ProjectResource>> services) =>
        database.WithCommand(
            "reset-data",
            "Reset data",
            context => ResetAsync(database.Resource, blobs, services, context),
            new CommandOptions
            {
                Description = "Deletes all tenants, messages and files of this machine's system.",
                ConfirmationMessage = "All tenants, rooms, messages and files of this system will be deleted. The services start again.",
                IconName = "DeleteDismiss",
                UpdateState = WhenHealthy,
            });

    private static async Task<ExecuteCommandResult> ResetAsync(
        IResourceWithConnectionString database, string blobs, IReadOnlyList<IResourceBuilder<ProjectResource>> services, ExecuteCommandContext context)
    {
        var commands = context.Services.GetRequiredService<ResourceCommandService>();
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        var token = context.CancellationToken;
        await Task.WhenAll(services.Select(service => commands.ExecuteCommandAsync(service.Resource, KnownResourceCommands.StopCommand, token)));

        var settings = new NpgsqlConnectionStringBuilder(await database.GetConnectionStringAsync(token)) { Pooling = false };
        var name = settings.Database!.Replace("\"", "\"\"", StringComparison.Ordinal);
        settings.Database = "postgres";
        await using (var connection = new NpgsqlConnection(settings.ConnectionString))
        {
            await connection.OpenAsync(token);
            foreach (var statement in (string[])[$"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)", $"CREATE DATABASE \"{name}\""])
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync(token);
            }
        }

        if (Directory.Exists(blobs))
        {
            Directory.Delete(blobs, recursive: true);
        }

        // The first creates the schema; the others wait for it.
        var failures = await Task.WhenAll((await StartAsync(services[0])) is { } failure ? [Task.FromResult<string?>(failure)] : services.Skip(1).Select(StartAsync));
        return failures.OfType<string>().ToArray() is { Length: > 0 } said
            ? CommandResults.Failure($"The data are reset, but not everything has started: {string.Join(", ", said)}")
            : CommandResults.Success("All is empty again; the demo users are back.");

        async Task<string?> StartAsync(IResourceBuilder<ProjectResource> service)
        {
            var started = await commands.ExecuteCommandAsync(service.Resource, KnownResourceCommands.StartCommand, token);
            if (!started.Success)
            {
                return $"{service.Resource.Name}: {started.Message}";
            }

            await notifications.WaitForResourceHealthyAsync(service.Resource.Name, token);
            return null;
        }
    }

    private static ExecuteCommandResult Result(string title, ToolResult? result) => result switch
    {
        { ExitCode: 0 } => CommandResults.Success(title, new CommandResultData { Value = result.Output, Format = CommandResultFormat.Text, DisplayImmediately = true }),
        null => CommandResults.Failure("The command is not installed."),
        _ => CommandResults.Failure(result.Tail),
    };

    private static ResourceCommandState WhenHealthy(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.HealthStatus is Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
}
