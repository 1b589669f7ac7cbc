using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Stops the application when the process that started it is gone without a word, as after a SIGKILL of "dotnet run". Asking once a second costs
/// nothing; a signal from the kernel would come at the end of a thread of the parent, not of the parent.
/// </summary>
internal sealed class ParentWatch(IHostApplicationLifetime lifetime, ILogger<ParentWatch> logger, TimeProvider time) : BackgroundService
{
    private readonly int _parent = Unix.ParentProcessId;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // 1 is the system itself (a container's first process, a service): it does not go.
        if (_parent <= 1)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Unix.ParentProcessId != _parent)
            {
                EngineLog.ParentGone(logger);
                lifetime.StopApplication();
                return;
            }
        }
    }
}
