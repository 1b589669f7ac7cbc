using Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Health;

/// <summary>Registers health checks.</summary>
public static class HealthExtensions
{
    /// <summary>Makes this service ready only while dbman answers it; needs <c>AddSessionRevocation</c>, whose calls show it.</summary>
    public static IHostApplicationBuilder AddDbmanHealthCheck(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddHealthChecks().AddCheck<DbmanHealthCheck>(ServiceNames.Dbman, tags: [HealthTags.Ready]);
        return builder;
    }

    internal static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<HealthOptions>(HealthOptions.Section);
        builder.Services.AddHealthChecks().AddCheck("self", static () => HealthCheckResult.Healthy(), [HealthTags.Live]);
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IPostConfigureOptions<HealthCheckServiceOptions>, BoundHealthChecks>());
    }
}
