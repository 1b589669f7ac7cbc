namespace Layouts.Console.Access;

/// <summary>
/// What the console's pages may load and do: this origin's files, no script in the page itself, no eval, no frame around it. Styles may be inline,
/// because Fluent's components write their tokens that way. Refuses what another origin's page has sent, WebSockets among them: the cookie keeps
/// other sites out, but another port of the same machine is the same site.
/// </summary>
internal sealed class ConsoleHeaders(RequestDelegate next)
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private const string ForwardedHost = "X-Forwarded-Host";

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Headers.Origin.All(origin => IsOwn(context.Request, origin)))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";

        // Not "no-referrer": with it a form would be sent with the origin "null", which is everybody's.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }

    /// <summary>
    /// Behind a proxy the browser's host is in a header of the proxy's; a page cannot set it on what it sends without being asked about it first, and
    /// nothing here allows that.
    /// </summary>
    private static bool IsOwn(HttpRequest request, string? origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (from.Authority == request.Host.Value || request.Headers[ForwardedHost].Any(host => host == from.Authority));
}
