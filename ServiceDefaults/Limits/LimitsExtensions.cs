using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Limits;

/// <summary>Server limits and request timeouts.</summary>
internal static class LimitsExtensions
{
    /// <summary>Far more headers than browsers and proxies send.</summary>
    private const int MaxHeaders = 64;

    /// <summary>Longest headers of a request, in bytes, all together: four of the longest access tokens.</summary>
    private const int MaxHeaderBytes = 16 * 1_024;

    /// <summary>How long a connection may be slower than <see cref="LimitsOptions.MinBytesPerSecond"/>: a phone that changes cells is.</summary>
    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<LimitsOptions>(LimitsOptions.Section);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitsOptions>>(static (kestrel, limits) =>
        {
            var bounds = limits.Value;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = bounds.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = bounds.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = bounds.KeepAliveTimeout;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bounds.MinBytesPerSecond, RateGrace);
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bounds.MinBytesPerSecond, RateGrace);
            kestrel.Limits.MaxConcurrentConnections = bounds.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = bounds.MaxWebSockets;
        });
        builder.Services.TryAddSingleton<LimitsTelemetry>();
        builder.Services.AddRequestTimeouts();
        builder.Services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<LimitsOptions>>(static (timeouts, limits) =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = limits.Value.RequestTimeout,
                WriteTimeoutResponse = static context => Problems.Overloaded("The request took too long.").ExecuteAsync(context),
            });
    }

    public static void UseLimits(this IApplicationBuilder app)
    {
        app.UseRequestTimeouts();
        app.Use(static async (context, next) =>
        {
            // Writing an answer ends silently when its time is up: the receiver must not take what it has got for the whole.
            var timeout = context.Features.Get<IHttpRequestTimeoutFeature>();
            await next(context);
            if (timeout?.RequestTimeoutToken.IsCancellationRequested == true && context.Response.HasStarted)
            {
                context.Abort();
            }
        });
        app.UseRateLimits();
        app.UseBodyIntake();
        app.UseConcurrencyLimits();
    }
}
