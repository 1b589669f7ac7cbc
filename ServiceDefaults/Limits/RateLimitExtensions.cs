using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Limits;

/// <summary>Bounds how often something is done: <c>AddRateLimit("posts")</c>, then <c>route.RequireRateLimit("posts")</c>.</summary>
public static class RateLimitExtensions
{
    /// <summary>Adds a limit; its options are the section <c>Rates:<paramref name="name"/></c>.</summary>
    /// <param name="builder">Where to register.</param>
    /// <param name="name">Name of the limit, also its tag in the metric <c>requests.rate_limited</c>.</param>
    /// <param name="defaults">Defaults of this service; configuration overrides them.</param>
    public static IHostApplicationBuilder AddRateLimit(this IHostApplicationBuilder builder, string name, Action<RateLimitOptions> defaults)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.AddValidatedOptions(name, $"{RateLimitOptions.Section}:{name}", defaults);
        builder.Services.AddSingleton(new RateLimitName(name));
        builder.Services.TryAddSingleton<LimitsTelemetry>();
        builder.Services.TryAddSingleton(static services => new RateLimits(
            services.GetServices<RateLimitName>(),
            services.GetRequiredService<IOptionsMonitor<RateLimitOptions>>(),
            services.GetRequiredService<LimitsTelemetry>(),
            services.GetRequiredService<TimeProvider>()));
        return builder;
    }

    /// <summary>Puts endpoints under a limit. Past it, a request is answered with 429 and Retry-After before its body is read.</summary>
    public static TBuilder RequireRateLimit<TBuilder>(this TBuilder endpoints, string name)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new RateLimitMetadata(name));

    internal static void UseRateLimits(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<RateLimits>() is not { } limits)
        {
            return;
        }

        app.Use(next => context =>
            context.GetEndpoint()?.Metadata.GetMetadata<RateLimitMetadata>() is { } metadata && limits.Take(metadata.Name, CallerKeys.Of(context)) is { } refusal
                ? refusal.ExecuteAsync(context)
                : next(context));
    }
}

/// <summary>All rate limits of this service.</summary>
public sealed class RateLimits
{
    /// <summary>Users, tenants and addresses that one limit counts separately: about 10 MB.</summary>
    private const int MaxKeys = 100_000;

    private readonly FrozenDictionary<string, (RateLimitOptions Options, RateBuckets<PartyKey> Buckets)> _limits;
    private readonly LimitsTelemetry _telemetry;

    internal RateLimits(IEnumerable<RateLimitName> names, IOptionsMonitor<RateLimitOptions> options, LimitsTelemetry telemetry, TimeProvider time)
    {
        _telemetry = telemetry;
        _limits = names
            .Select(static name => name.Value)
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(
                static name => name, name => (options.Get(name), new RateBuckets<PartyKey>(MaxKeys, time)), StringComparer.Ordinal);
    }

    /// <summary>Counts one call against the caller's user, tenant and address; a refusal counts against none of them.</summary>
    /// <returns>Null when all have room; else 429.</returns>
    public ProblemResult? Take(string name, CallerKeys caller)
    {
        var (options, buckets) = _limits[name];
        var ofAddress = new Draw<PartyKey>(caller.Address, 1, options.AddressBurst, options.AddressPerSecond);
        var refused = caller is { User: { } user, Tenant: { } tenant }
            ? buckets.Take(new(user, 1, options.UserBurst, options.UserPerSecond), new(tenant, 1, options.TenantBurst, options.TenantPerSecond), ofAddress)
            : buckets.Take(ofAddress);
        return refused is { } refusal ? Refuse(name, refusal.Short.Kind, refusal.Wait) : null;
    }

    private ProblemResult Refuse(string name, PartyKind by, TimeSpan wait)
    {
        _telemetry.RateLimited(name, by);
        return Problems.TooManyRequests(
            by switch
            {
                PartyKind.User => "You do this more often than one user may.",
                PartyKind.Tenant => "Your tenant's users together do this more often than they may.",
                _ => "Callers from this address together do this more often than they may.",
            },
            wait);
    }
}

/// <summary>Says that a limit of this name is wanted.</summary>
internal sealed record RateLimitName(string Value);

/// <summary>On an endpoint: which limit holds for it.</summary>
internal sealed record RateLimitMetadata(string Name);
