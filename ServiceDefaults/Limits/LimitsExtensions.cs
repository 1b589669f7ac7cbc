using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Limits;

/// <summary>Server limits and request timeouts.</summary>
internal static class LimitsExtensions
{
    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<LimitsOptions>(LimitsOptions.Section);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitsOptions>>(static (kestrel, limits) =>
        {
            var bounds = limits.Value;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = bounds.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeaderCount = bounds.MaxHeaders;
            kestrel.Limits.MaxRequestHeadersTotalSize = bounds.MaxHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = bounds.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = bounds.KeepAliveTimeout;
            kestrel.Limits.MaxConcurrentConnections = bounds.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = bounds.MaxWebSockets;
        });
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
        app.Use(static (context, next) =>
        {
            // A WebSocket lives as long as it likes. Whoever sends the header without meaning it gains nothing: the rest still applies.
            if (context.Request.Headers.ContainsKey(HeaderNames.SecWebSocketKey) || IsExtendedConnect(context.Request))
            {
                context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            }

            return next(context);
        });
    }

    /// <summary>A WebSocket over HTTP/2.</summary>
    private static bool IsExtendedConnect(HttpRequest request) => HttpMethods.IsConnect(request.Method);
}
