using ServiceDefaults.Errors;

namespace Dbman.Requests;

/// <summary>On every route that takes a connection for its own.</summary>
internal sealed class GateFilter(RequestGate gate) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        using var lease = await gate.EnterAsync(context.HttpContext.RequestAborted);
        return lease.IsAcquired
            ? await next(context)
            : Problems.Overloaded("This replica is at its limit of concurrent requests.");
    }
}
