using Aspire.Hosting.Engine.Dashboards;
using Aspire.Hosting.Engine.Terminal;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace Aspire.Hosting.Engine;

/// <summary>Runs an application from its own Main: publishes it, or runs it until it is told to stop.</summary>
internal static class Runner
{
    public static async Task RunAsync(DistributedApplication application, IHost host, CancellationToken cancellationToken)
    {
        var execution = host.Services.GetRequiredService<DistributedApplicationExecutionContext>();
        try
        {
            await using (application)
            {
                if (execution.IsPublishMode)
                {
                    await Publication.PublishAsync(host.Services, cancellationToken);
                    return;
                }

                await RunAsync(host, cancellationToken);
            }
        }
        catch (DistributedApplicationException e)
        {
            // What went wrong and what to do about it is in the message; a stack trace would hide it.
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            Environment.ExitCode = 1;
        }
    }

    private static async Task RunAsync(IHost host, CancellationToken cancellationToken)
    {
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var over = new CancellationTokenSource();
        var report = new TerminalReporter(
            host.Services.GetRequiredService<EngineContext>(),
            AnsiConsole.Console,
            host.Services.GetService<LoginTokens>()).RunAsync(over.Token);
        try
        {
            try
            {
                await host.StartAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Told to stop before everything had started: it stops as it would later.
            }

            await host.WaitForShutdownAsync(cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await report;
        }
    }
}
