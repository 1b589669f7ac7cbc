using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace AppHost.Running;

/// <summary>Says once when every service is healthy, and what to try then; after a while, what is still missing.</summary>
internal sealed class ReadyNotice(ResourceNotificationService notifications, DistributedApplicationModel model, TimeProvider time) : BackgroundService
{
    /// <summary>A start takes half of this on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = time.GetTimestamp();
        var services = model.GetProjectResources().ToArray();
        var healthy = Task.WhenAll(services.Select(
            service => notifications.WaitForResourceHealthyAsync(service.Name, WaitBehavior.WaitOnResourceUnavailable, stoppingToken)));
        if (await Task.WhenAny(healthy, Task.Delay(Patience, time, stoppingToken)) != healthy && !stoppingToken.IsCancellationRequested)
        {
            Console.WriteLine($"Not well after {Patience.TotalSeconds:0} s: {string.Join("; ", services.Select(Missing).OfType<string>())}. Their consoles in the dashboard say more.");
        }

        await healthy;
        Console.WriteLine($"""

            All is well after {time.GetElapsedTime(start).TotalSeconds:0} s. Ctrl-C stops it; the data stay.
              The chat page:          {services.Single(static service => service.Name == "chat").GetEndpoint("http").Url} (demo users are one click away; open a second window as another one)
              With nothing but curl:  bash AppHost/try-it.sh
              Channel layouts:        dotnet run --project Layouts -- console
            """);
    }

    private string? Missing(ProjectResource service) =>
        notifications.TryGetCurrentState(service.Name, out var known) && known.Snapshot is { HealthStatus: not HealthStatus.Healthy } snapshot
            ? $"{service.Name} is {snapshot.State?.Text ?? "not started"}"
            : null;
}
