using Contracts;
using Contracts.Dbman;
using Contracts.Publish;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServiceDefaults.Identity;

namespace ServiceDefaults.Http;

/// <summary>Typed clients of other services.</summary>
public static class ServiceClientExtensions
{
    /// <summary>
    /// Registers <typeparamref name="TClient"/>, whose constructor takes an <see cref="HttpClient"/>, to call the service of that name:
    /// found by service discovery, signed for it with this service's key, with timeouts, a circuit breaker, and retries of safe or
    /// idempotent calls. A client may be kept by a singleton: its connections renew themselves.
    /// </summary>
    public static IHttpClientBuilder AddServiceClient<TClient>(this IHostApplicationBuilder builder, string serviceName)
        where TClient : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        builder.AddServiceTokens(static options => options.Signs = true);
        return builder
            .AddResilientHttpClient(serviceName, client => client.AddHttpMessageHandler(services => new ServiceCallHandler(services.GetRequiredService<ServiceTokens>(), serviceName)))
            .ConfigureHttpClient(http => http.BaseAddress = new Uri($"http://{serviceName}"))
            .AddTypedClient<TClient>();
    }

    /// <summary>Registers <see cref="DbmanClient"/>.</summary>
    public static IHttpClientBuilder AddDbmanClient(this IHostApplicationBuilder builder) =>
        builder.AddServiceClient<DbmanClient>(ServiceNames.Dbman);

    /// <summary>Registers <see cref="RealtimeClient"/>.</summary>
    public static IHttpClientBuilder AddRealtimeClient(this IHostApplicationBuilder builder) =>
        builder.AddServiceClient<RealtimeClient>(ServiceNames.Realtime);
}
