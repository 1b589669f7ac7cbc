using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ServiceDefaults.Identity;

/// <summary>Finds the bearer token of a request.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";
    private const string SubprotocolPrefix = "bearer.";

    /// <summary>
    /// The Authorization header; without it, the entry <c>bearer.TOKEN</c> among the WebSocket subprotocols, since a browser
    /// cannot set headers on a WebSocket.
    /// </summary>
    public static string? Find(HttpRequest request, bool allowSubprotocol)
    {
        var authorization = request.Headers.Authorization;
        if (authorization.Count > 0)
        {
            return FromHeader(authorization);
        }

        if (!allowSubprotocol || !request.Headers.TryGetValue(HeaderNames.SecWebSocketProtocol, out var protocols))
        {
            return null;
        }

        foreach (var header in protocols)
        {
            foreach (var part in (header ?? "").AsSpan().Split(','))
            {
                var entry = header.AsSpan()[part].Trim();
                if (entry.StartsWith(SubprotocolPrefix, StringComparison.Ordinal))
                {
                    return entry[SubprotocolPrefix.Length..].ToString();
                }
            }
        }

        return null;
    }

    /// <summary>Two Authorization headers count as no token: proxies differ on which one counts.</summary>
    private static string? FromHeader(StringValues values) =>
        values is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? value[Scheme.Length..].Trim()
            : null;
}
