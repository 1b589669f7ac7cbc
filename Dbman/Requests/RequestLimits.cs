using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;

namespace Dbman.Requests;

/// <summary>Bounds how many requests work on PostgreSQL at once; the rest waits in a bounded queue, and past that is refused.</summary>
internal static class RequestLimits
{
    /// <summary>Policy of every route that takes a connection for its own.</summary>
    public const string Policy = "database";

    public static void AddRequestLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(static options => options.OnRejected = static (context, _) =>
            new ValueTask(Problems.Overloaded("This replica is at its bound of requests.").ExecuteAsync(context.HttpContext)));
        services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<IOptions<ConcurrencyOptions>>(static (limiter, concurrency) =>
        {
            var bounds = new ConcurrencyLimiterOptions
            {
                PermitLimit = concurrency.Value.Requests,
                QueueLimit = concurrency.Value.Queue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            };
            // One partition: all callers share the one pool.
            limiter.AddPolicy(Policy, _ => RateLimitPartition.GetConcurrencyLimiter(0, _ => bounds));
        });
    }
}
