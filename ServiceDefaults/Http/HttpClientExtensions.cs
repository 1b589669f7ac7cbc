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
    /// <summary>Most calls in flight; one more is refused at once. Far more than connections to one address: what waits for those is bounded in time.</summary>
    private const int MaxInFlight = 1_000;

    /// <summary>Longest Retry-After that is waited out; a longer one goes to the caller at once.</summary>
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Shorter than the server keeps an idle connection (<c>Limits:KeepAliveTimeout</c>), so that no request meets one that is being closed.
    /// </summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Share of failed attempts that opens the circuit: below it, retries at other replicas help.</summary>
    private const double BreakerFailureRatio = 0.5;

    /// <summary>Attempts in a window below which the circuit stays closed: the share of fewer is chance.</summary>
    internal const int BreakerMinimumThroughput = 20;

    /// <summary>
    /// Least window over which failures are counted. It is at least two attempts long, or one slow attempt would be all that it counts.
    /// </summary>
    private static readonly TimeSpan BreakerSampling = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an open circuit refuses before it lets one attempt through: short, so that a dependency that is back is used again soon.
    /// </summary>
    internal static readonly TimeSpan BreakerBreak = TimeSpan.FromSeconds(1);

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
        handler.PooledConnectionIdleTimeout = IdleTimeout;
        handler.MaxConnectionsPerServer = options.MaxConnectionsPerServer;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.UseProxy = false;
    }

    private static void Configure(HttpStandardResilienceOptions resilience, ServiceClientOptions options, TimeProvider time)
    {
        resilience.TotalRequestTimeout.Timeout = options.TotalTimeout;
        resilience.AttemptTimeout.Timeout = options.AttemptTimeout;
        resilience.RateLimiter.DefaultRateLimiterOptions.PermitLimit = MaxInFlight;
        resilience.RateLimiter.DefaultRateLimiterOptions.QueueLimit = 0;

        // Polly demands at least one; "none" is then said by the predicate.
        resilience.Retry.MaxRetryAttempts = Math.Max(1, options.MaxRetries);
        resilience.Retry.Delay = options.RetryDelay;
        resilience.Retry.BackoffType = DelayBackoffType.Exponential;
        resilience.Retry.UseJitter = true;
        resilience.Retry.ShouldRetryAfterHeader = false;
        resilience.Retry.DelayGenerator = args => ValueTask.FromResult(RetryRules.RetryAfter(args.Outcome.Result, time));
        resilience.Retry.ShouldHandle = args => ValueTask.FromResult(
            options.MaxRetries > 0 && RetryRules.ShouldRetry(args, MaxRetryAfter, time));

        resilience.CircuitBreaker.FailureRatio = BreakerFailureRatio;
        resilience.CircuitBreaker.MinimumThroughput = BreakerMinimumThroughput;
        resilience.CircuitBreaker.SamplingDuration = options.AttemptTimeout * 2 > BreakerSampling ? options.AttemptTimeout * 2 : BreakerSampling;
        resilience.CircuitBreaker.BreakDuration = BreakerBreak;
        resilience.CircuitBreaker.ShouldHandle = static args => ValueTask.FromResult(RetryRules.CountsAsFailure(args.Outcome));
    }
}
