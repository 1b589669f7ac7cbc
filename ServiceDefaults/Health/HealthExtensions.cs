using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Health;

/// <summary>Registers health checks.</summary>
public static class HealthExtensions
{
    /// <summary>
    /// Makes this service ready only while the other one is. Call it after the client of that service was added
    /// (<c>AddDbmanClient</c>, <c>AddServiceClient</c>), whose connections it uses.
    /// </summary>
    public static IHostApplicationBuilder AddServiceHealthCheck(this IHostApplicationBuilder builder, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            serviceName,
            services => new ServiceHealthCheck(serviceName, services.GetRequiredService<IHttpClientFactory>()),
            failureStatus: null,
            tags: [HealthTags.Ready]));
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
