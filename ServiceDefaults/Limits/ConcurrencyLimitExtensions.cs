using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Limits;

/// <summary>Bounds how many requests run at once: <c>AddConcurrencyLimit("reads")</c>, then <c>group.RequireConcurrencyLimit("reads")</c>.</summary>
public static class ConcurrencyLimitExtensions
{
    /// <summary>Adds a limit; its options are the section <c>Concurrency:<paramref name="name"/></c>.</summary>
    /// <param name="builder">Where to register.</param>
    /// <param name="name">Name of the limit, also its tag in the metrics <c>concurrency.*</c>.</param>
    /// <param name="defaults">Defaults of this service; configuration overrides them.</param>
    public static IHostApplicationBuilder AddConcurrencyLimit(
        this IHostApplicationBuilder builder, string name, Action<ConcurrencyLimitOptions>? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.AddValidatedOptions(name, $"{ConcurrencyLimitOptions.Section}:{name}", defaults);
        builder.Services.AddSingleton(new ConcurrencyLimitName(name));
        builder.Services.TryAddSingleton<LimitsTelemetry>();
        builder.Services.TryAddSingleton<ConcurrencyLimits>();
        return builder;
    }

    /// <summary>
    /// Puts endpoints under a limit. Past it, a request waits in a bounded queue for a bounded time, and is then answered with 503 and
    /// Retry-After; past its caller's own share of the queue, with 429. Authentication comes first: a caller without a credential takes no place. So
    /// does the body (<see cref="BodyIntake"/>), unless the endpoint streams it.
    /// </summary>
    public static TBuilder RequireConcurrencyLimit<TBuilder>(this TBuilder endpoints, string name)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new ConcurrencyLimitMetadata(name));

    internal static void UseConcurrencyLimits(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<ConcurrencyLimits>() is not { } limits)
        {
            return;
        }

        app.Use(next => context => context.GetEndpoint()?.Metadata.GetMetadata<ConcurrencyLimitMetadata>() is { } metadata
            ? limits[metadata.Name].RunAsync(context, next)
            : next(context));
    }
}
