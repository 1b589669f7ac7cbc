using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire;

internal static class HealthCheckRegistrations
{
    /// <summary>Adds a check unless one of its name is there: registering the same client twice must not fail at the first probe.</summary>
    public static void TryAddHealthCheck(this IHostApplicationBuilder builder, string name, Func<IServiceProvider, IHealthCheck> factory)
    {
        var key = $"Aspire.HealthChecks.{name}";
        if (builder.Properties.TryAdd(key, true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(name, factory, failureStatus: null, tags: null));
        }
    }
}
