namespace Realtime.Sockets;

/// <summary>Looks over every connection now and then: one timer for all of them.</summary>
internal sealed class SocketSweep(SocketHub hub, TimeProvider time) : BackgroundService
{
    /// <summary>
    /// How often connections are looked over: pings, idleness, expired tokens, stalled writes. Far below the times that they are held to.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
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
