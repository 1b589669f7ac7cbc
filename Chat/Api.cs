using System.Text.Json.Serialization;
using Contracts;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;
using ServiceDefaults.Requests;

namespace Chat;

/// <summary>What all endpoints share: who may call, how many at once, how bodies are read and how long they may be.</summary>
internal static class Api
{
    /// <summary>
    /// Longest body: the longest text with each character escaped as \uXXXX (6 bytes), the attachments, and room for spaces and members that we do not know.
    /// </summary>
    public const int MaxBodyBytes = (Limits.MessageText * 6) + (Limits.MessageAttachments * (Ids.MaxLength + 8)) + (8 * 1_024);

    /// <summary>Limit for reading histories: a page of the longest messages is tens of megabytes, which must not be multiplied by hundreds.</summary>
    public const string Histories = "histories";

    /// <summary>Rate limit of posts.</summary>
    public const string Posts = "posts";

    /// <summary>Rate limit of new rooms.</summary>
    public const string NewRooms = "rooms";

    private const string Requests = "api";

    public static void AddApi(this IHostApplicationBuilder builder)
    {
        // A request waits for Dbman nearly all its time, so many may; Dbman refuses what is too much for it.
        builder.AddConcurrencyLimit(Requests, static options => (options.Permits, options.Queue) = (512, 512));

        // A wait outlasts the grace after which a slow receiver is given up for those that wait.
        builder.AddConcurrencyLimit(Histories, static options => (options.Permits, options.Queue, options.QueueTimeout) = (32, 512, TimeSpan.FromSeconds(15)));

        // What a busy team does in a day's best second, and what its bots do; far from what hurts.
        builder.AddRateLimit(Posts, static options =>
            (options.UserBurst, options.UserPerSecond, options.TenantBurst, options.TenantPerSecond) = (300, 30, 5_000, 1_000));
        builder.AddRateLimit(NewRooms, static options =>
            (options.UserBurst, options.UserPerSecond, options.TenantBurst, options.TenantPerSecond) = (50, 0.1, 500, 1));

        // Bodies are read and written by the wire's own serialization: missing or null members are the caller's error, not ours later.
        builder.Services.ConfigureHttpJsonOptions(static options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.RespectNullableAnnotations = true;
            options.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
    }

    /// <summary>A group whose endpoints need a user, take a place under the limit, and refuse routes that hold no ids.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes, string limit = Requests) =>
        routes.MapGroup("").RequireAuthorization(Policies.User).RequireConcurrencyLimit(limit).RequireRouteIds("seq");
}
