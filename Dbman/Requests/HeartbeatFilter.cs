using ServiceDefaults.Errors;

namespace Dbman.Requests;

/// <summary>On the route of heartbeats, which must not wait behind other requests; see <see cref="ConcurrencyOptions.Heartbeats"/>.</summary>
internal sealed class HeartbeatFilter(RequestGate gate) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        using var lease = await gate.EnterHeartbeatAsync(context.HttpContext.RequestAborted);
        return lease.IsAcquired
            ? await next(context)
            : Problems.Overloaded("This replica is at its limit of concurrent heartbeats.");
    }
}
