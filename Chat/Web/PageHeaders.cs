using Microsoft.Extensions.Options;

namespace Chat.Web;

/// <summary>
/// The page's security headers: the page loads scripts and styles from here, pictures from here and from memory, talks to our services, and nothing
/// else; nobody frames it; no markup is ever made of text (trusted types without a policy).
/// </summary>
internal sealed class PageHeaders(IOptions<WebOptions> options)
{
    private const string Permissions =
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

    private readonly string _policy = PolicyOf(options.Value);

    public void Apply(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = _policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = Permissions;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    private static string PolicyOf(WebOptions options)
    {
        var services = new[] { options.SessionUrl, options.FilemanUrl, options.RealtimeUrl }.Where(static url => url.Length > 0).Select(OriginOf);
        // 'self' speaks of this origin's sockets too; elsewhere a socket is a source of its own.
        var sockets = options.RealtimeUrl.Length > 0 ? new[] { SocketOriginOf(options.RealtimeUrl) } : [];
        var connect = string.Join(' ', services.Concat(sockets).Distinct(StringComparer.Ordinal).Prepend("'self'"));
        return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
            + $"connect-src {connect}; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    }

    private static string OriginOf(string url) => new Uri(url).GetLeftPart(UriPartial.Authority);

    /// <summary>http becomes ws, https becomes wss.</summary>
    private static string SocketOriginOf(string url) => string.Concat("ws", OriginOf(url).AsSpan("http".Length));
}
