using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Health;

/// <summary>Wraps every registered check, including those of libraries, in <see cref="BoundedHealthCheck"/>.</summary>
internal sealed class BoundHealthChecks(IOptions<HealthOptions> options, TimeProvider time, ILoggerFactory loggers)
    : IPostConfigureOptions<HealthCheckServiceOptions>
{
    public void PostConfigure(string? name, HealthCheckServiceOptions target)
    {
        var logger = loggers.CreateLogger("ServiceDefaults.Health");
        foreach (var registration in target.Registrations)
        {
            var inner = registration.Factory;
            var own = registration.Timeout;
            var timeout = own > TimeSpan.Zero && own < options.Value.CheckTimeout ? own : options.Value.CheckTimeout;
            var slot = new BoundedHealthCheck.Slot();
            registration.Timeout = Timeout.InfiniteTimeSpan;
            registration.Factory = services => new BoundedHealthCheck(inner(services), slot, timeout, time, logger);
        }
    }
}
