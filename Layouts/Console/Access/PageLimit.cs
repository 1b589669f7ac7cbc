using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Layouts.Console.Access;

/// <summary>
/// Refuses more open pages than the node has room for. An open page is a WebSocket; a page that is asked for while there are too many gets a page
/// that says so.
/// </summary>
internal sealed class PageLimit(RequestDelegate next, IOptions<ConsoleOptions> options)
{
    private const int RetryAfterSeconds = 5;

    private int _open;

    public async Task InvokeAsync(HttpContext context)
    {
        if (IsPage(context) && Volatile.Read(ref _open) >= options.Value.MostPages)
        {
            Refuse(context);
            var parameters = new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(TooManyPage.Most)] = options.Value.MostPages };
            await new RazorComponentResult<TooManyPage>(parameters) { StatusCode = StatusCodes.Status503ServiceUnavailable }.ExecuteAsync(context);
            return;
        }

        if (!IsCircuit(context.Request))
        {
            await next(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _open) <= options.Value.MostPages)
            {
                await next(context);
            }
            else
            {
                Refuse(context);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    /// <summary>By what the request says: the framework's own answer is known further in only.</summary>
    private static bool IsCircuit(HttpRequest request) =>
        request.Path.StartsWithSegments(ConsoleRoutes.Circuits, StringComparison.OrdinalIgnoreCase)
        && (request.Headers.ContainsKey(HeaderNames.SecWebSocketKey) || HttpMethods.IsConnect(request.Method));

    private static bool IsPage(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is not null;

    private static void Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers[HeaderNames.RetryAfter] = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
