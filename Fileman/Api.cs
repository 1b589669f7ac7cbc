using Contracts;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;
using ServiceDefaults.Requests;

namespace Fileman;

/// <summary>What endpoints share: who may call, how many at once, and how answers are written.</summary>
internal static class Api
{
    /// <summary>Limit for calls that wait for Dbman only.</summary>
    public const string Requests = "api";

    /// <summary>Limits for uploads: at once, and a second. Each holds buffers (a part, with S3) for as long as the sender takes.</summary>
    public const string Uploads = "uploads";

    /// <summary>Limit for downloads.</summary>
    public const string Downloads = "downloads";

    /// <summary>Limit for thumbnails, which may wait for being made.</summary>
    public const string Thumbnails = "thumbnails";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static void AddApi(this IHostApplicationBuilder builder)
    {
        builder.AddConcurrencyLimit(Requests, static options => (options.Permits, options.Queue) = (256, 256));
        // They wait for senders and receivers. A slow one is evicted for the next after its grace: a wait must outlast that.
        builder.AddConcurrencyLimit(Uploads, static options => (options.Permits, options.Queue, options.QueueTimeout) = (64, 256, Patience));
        builder.AddConcurrencyLimit(Downloads, static options => (options.Permits, options.Queue, options.QueueTimeout) = (256, 512, Patience));
        builder.AddConcurrencyLimit(Thumbnails, static options => (options.Permits, options.Queue) = (256, 256));
        builder.AddRateLimit(Uploads, static options =>
            (options.UserBurst, options.UserPerSecond, options.TenantBurst, options.TenantPerSecond) = (100, 1, 2_000, 50));
        builder.Services.ConfigureHttpJsonOptions(static options =>
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default));
    }

    /// <summary>A group whose endpoints need a user, take a place under the limit, and refuse routes that hold no id.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes, string limit) =>
        routes.MapGroup("").RequireAuthorization(Policies.User).RequireConcurrencyLimit(limit).RequireRouteIds();
}
