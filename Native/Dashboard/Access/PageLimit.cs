using Microsoft.Extensions.Options;

namespace Dashboard.Access;

/// <summary>Refuses more pages at once than memory was planned for. A page's circuit is one WebSocket.</summary>
internal sealed class PageLimit(RequestDelegate next, IOptions<DashboardOptions> options)
{
    private const string Circuits = "/_blazor";
    private int _open;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest || !context.Request.Path.StartsWithSegments(Circuits, StringComparison.Ordinal))
        {
            await next(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _open) <= options.Value.MostPages)
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "5";
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
