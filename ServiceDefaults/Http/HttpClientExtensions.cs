using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;

namespace ServiceDefaults.Http;

/// <summary>Builds the HTTP clients through which services call each other.</summary>
internal static class HttpClientExtensions
{
    /// <summary>
    /// A named client with, from the outside in: total timeout, retries, circuit breaker, attempt timeout; what
    /// <paramref name="configure"/> adds; bounded buffering; service discovery, so that each attempt may meet another replica; pooled
    /// connections of limited age.
    /// </summary>
    public static IHttpClientBuilder AddResilientHttpClient(
        this IHostApplicationBuilder builder, string name, Action<IHttpClientBuilder>? configure = null)
    {
        var section = $"{ServiceClientOptions.Section}:{name}";
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddServiceDiscovery();
        builder.AddValidatedOptions<ServiceClientOptions>(
            name, section, options => builder.Configuration.GetSection(ServiceClientOptions.Section).Bind(options));

        var client = builder.Services.AddHttpClient(name)
            .RemoveAllLoggers()
            // The pool below renews its connections itself; recycling handlers on top would only throw warm ones away.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .UseSocketsHttpHandler((handler, services) => Configure(handler, Options(services, name)))
            .ConfigureHttpClient((services, http) =>
            {
                var options = Options(services, name);
                http.MaxResponseContentBufferSize = options.MaxResponseBytes;
                // The pipeline's total timeout ends a call, with a name of its own in logs; this is the net below it.
                http.Timeout = options.TotalTimeout + TimeSpan.FromSeconds(1);
            });

        client.AddStandardResilienceHandler().Configure((resilience, services) =>
        {
            Configure(resilience, Options(services, name), services.GetRequiredService<TimeProvider>());
            Observe(resilience, name, services.GetRequiredService<ILoggerFactory>().CreateLogger("ServiceDefaults.Http"));
        });
        client.AddHttpMessageHandler(services => new BufferedResponseHandler(Options(services, name).MaxResponseBytes));
        configure?.Invoke(client);
        client.AddServiceDiscovery();
        return client;
    }

    private static void Observe(HttpStandardResilienceOptions resilience, string name, ILogger logger)
    {
        resilience.CircuitBreaker.OnOpened = args =>
        {
            var failure = args.Outcome.Exception?.Message ?? args.Outcome.Result?.StatusCode.ToString();
            logger.CircuitOpened(name, failure ?? "unknown", args.BreakDuration);
            return ValueTask.CompletedTask;
        };
        resilience.CircuitBreaker.OnClosed = _ =>
        {
            logger.CircuitClosed(name);
            return ValueTask.CompletedTask;
        };
    }

    private static ServiceClientOptions Options(IServiceProvider services, string name) =>
        services.GetRequiredService<IOptionsMonitor<ServiceClientOptions>>().Get(name);

    private static void Configure(SocketsHttpHandler handler, ServiceClientOptions options)
    {
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.PooledConnectionLifetime = options.ConnectionLifetime;
        handler.PooledConnectionIdleTimeout = options.ConnectionIdleTimeout;
        handler.MaxConnectionsPerServer = options.MaxConnectionsPerServer;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.UseProxy = false;
    }

    private static void Configure(HttpStandardResilienceOptions resilience, ServiceClientOptions options, TimeProvider time)
    {
        resilience.TotalRequestTimeout.Timeout = options.TotalTimeout;
        resilience.AttemptTimeout.Timeout = options.AttemptTimeout;
        resilience.RateLimiter.DefaultRateLimiterOptions.PermitLimit = options.MaxInFlight;
        resilience.RateLimiter.DefaultRateLimiterOptions.QueueLimit = 0;

        // Polly demands at least one; "none" is then said by the predicate.
        resilience.Retry.MaxRetryAttempts = Math.Max(1, options.MaxRetries);
        resilience.Retry.Delay = options.RetryDelay;
        resilience.Retry.BackoffType = DelayBackoffType.Exponential;
        resilience.Retry.UseJitter = true;
        resilience.Retry.ShouldRetryAfterHeader = false;
        resilience.Retry.DelayGenerator = args => ValueTask.FromResult(RetryRules.RetryAfter(args.Outcome.Result, time));
        resilience.Retry.ShouldHandle = args => ValueTask.FromResult(
            options.MaxRetries > 0 && RetryRules.ShouldRetry(args, options.MaxRetryAfter, time));

        resilience.CircuitBreaker.FailureRatio = options.BreakerFailureRatio;
        resilience.CircuitBreaker.MinimumThroughput = options.BreakerMinimumThroughput;
        resilience.CircuitBreaker.SamplingDuration = options.BreakerSampling;
        resilience.CircuitBreaker.BreakDuration = options.BreakerBreak;
        resilience.CircuitBreaker.ShouldHandle = static args => ValueTask.FromResult(RetryRules.CountsAsFailure(args.Outcome));
    }
}
