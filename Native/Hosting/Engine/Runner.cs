using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

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

                await host.StartAsync(cancellationToken);
                await host.WaitForShutdownAsync(cancellationToken);
            }
        }
        catch (DistributedApplicationException e)
        {
            // What went wrong and what to do about it is in the message; a stack trace would hide it.
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            Environment.ExitCode = 1;
        }
    }
}
