using Microsoft.Extensions.Options;

namespace Realtime.Sockets;

/// <summary>Looks over every connection now and then: one timer for all of them.</summary>
internal sealed class SocketSweep(SocketHub hub, IOptions<SocketOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Check();
        }
    }

    internal void Check()
    {
        var now = time.GetTimestamp();
        var utcNow = time.GetUtcNow();
        foreach (var connection in hub.Connections)
        {
            connection.Check(now, utcNow);
        }
    }
}
