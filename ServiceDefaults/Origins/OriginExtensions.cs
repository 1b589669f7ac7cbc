using Contracts.Public;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ServiceDefaults.Origins;

/// <summary>
/// Answers browsers that ask whether a page of another origin may call (CORS). Of the API only: health and metrics are not for pages. Callers identify themselves with a token that
/// no browser attaches automatically, so no credentials are allowed and a page that is refused could have done nothing but read what anybody may.
/// </summary>
internal static class OriginExtensions
{
    private const string Api = "/v1";

    /// <summary>How long a browser may remember that a call is allowed: the longest that browsers keep to.</summary>
    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(2);

    /// <summary>What our clients send beyond what browsers let every page send.</summary>
    private static readonly string[] RequestHeaders =
    [
        HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.Range, HeaderNames.IfRange, HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince,
        HeaderNames.TraceParent, HeaderNames.TraceState, FileRoutes.FileNameHeader,
    ];

    /// <summary>What our clients read beyond what browsers show every page.</summary>
    private static readonly string[] ResponseHeaders =
    [
        HeaderNames.RetryAfter, HeaderNames.ETag, HeaderNames.AcceptRanges, HeaderNames.ContentRange, HeaderNames.ContentLength, HeaderNames.ContentDisposition, HeaderNames.Location,
    ];

    public static void AddOrigins(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<OriginOptions>(OriginOptions.Section);
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<OriginOptions>, IHostEnvironment>(static (cors, options, environment) =>
            cors.AddDefaultPolicy(PolicyOf(options.Value, environment)));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, OriginStartupFilter>());
    }

    private static CorsPolicy PolicyOf(OriginOptions options, IHostEnvironment environment)
    {
        var origins = new AllowedOrigins(options.Origins, environment);
        return new CorsPolicyBuilder()
            .SetIsOriginAllowed(origins.Contains)
            .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete)
            .WithHeaders(RequestHeaders)
            .WithExposedHeaders(ResponseHeaders)
            .SetPreflightMaxAge(PreflightAge)
            .Build();
    }

    /// <summary>Before authentication: a preflight carries no token, and a refusal that the page may not read would look like a lost network.</summary>
    private sealed class OriginStartupFilter(IOptions<OriginOptions> options) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            if (options.Value.Origins.Length > 0)
            {
                app.UseWhen(static context => context.Request.Path.StartsWithSegments(Api, StringComparison.Ordinal), static api => api.Use(VaryAsync).UseCors());
            }

            next(app);
        };

        /// <summary>Refusals too depend on the origin: no cache may give one origin's answer to another. Said last, so that it outlives an answer that is thrown away for a failure.</summary>
        private static Task VaryAsync(HttpContext context, RequestDelegate next)
        {
            context.Response.OnStarting(
                static state =>
                {
                    var headers = ((HttpResponse)state).Headers;
                    if (!headers.Vary.Contains(HeaderNames.Origin, StringComparer.OrdinalIgnoreCase))
                    {
                        headers.Append(HeaderNames.Vary, HeaderNames.Origin);
                    }

                    return Task.CompletedTask;
                },
                context.Response);
            return next(context);
        }
    }
}
