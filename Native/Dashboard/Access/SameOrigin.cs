namespace Dashboard.Access;

/// <summary>
/// Refuses other names than this machine's own (somebody's name that resolves to 127.0.0.1 would make this page readable by that somebody's), and
/// requests that another origin's page has made, WebSockets among them.
/// </summary>
internal sealed class SameOrigin(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var isOurs = request.Host.Host is "localhost" or "127.0.0.1" or "[::1]"
            && request.Headers.Origin.All(o => o == $"{request.Scheme}://{request.Host}");
        if (isOurs)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
