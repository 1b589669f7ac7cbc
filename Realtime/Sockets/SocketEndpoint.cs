using System.Security.Cryptography;
using System.Text;
using Contracts;
using Contracts.Frames;
using Contracts.Publish;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Drain;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;
using ServiceDefaults.Limits;
using ServiceDefaults.Origins;

namespace Realtime.Sockets;

/// <summary>GET /v1/ws: checks everything that can be checked before the upgrade, so that a refusal is an HTTP answer with a reason.</summary>
internal sealed class SocketEndpoint(
    SocketHub hub, ConnectionServices services, RevokedSessions revoked, DirectWrites writes, DrainState drain, IHostEnvironment environment)
{
    private readonly AllowedOrigins _origins = new(services.Options.AllowedOrigins, environment);

    /// <summary>RFC 6455, section 1.3.</summary>
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private const int KeyBytes = 16;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(RealtimeRoutes.WebSocket, static (HttpContext context, SocketEndpoint endpoint) => endpoint.HandleAsync(context))
            .RequireAuthorization(Policies.User)
            .DisableHttpMetrics();

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        if (Refuse(context, out var key, out var subprotocol) is { } problem)
        {
            return problem;
        }

        // Remembered: the context may know neither when the connection has ended.
        var caller = CallerKeys.Of(context);
        if (!hub.TryAdmit(caller, out var full))
        {
            services.Telemetry.SocketRefused(full);
            return full switch
            {
                PartyKind.User => Problems.TooManyRequests("You have as many connections as one user may have.", RetryAfter),
                PartyKind.Tenant => Problems.TooManyRequests("Your tenant has as many connections as it may have.", RetryAfter),
                PartyKind.Address => Problems.TooManyRequests("As many connections come from this address as may.", RetryAfter),
                _ => Problems.Overloaded("This node has as many connections as it may have.", RetryAfter),
            };
        }

        try
        {
            await ServeAsync(context, key, subprotocol);
            return Results.Empty;
        }
        finally
        {
            hub.Release(caller);
        }
    }

    private async Task ServeAsync(HttpContext context, string key, string? subprotocol)
    {
        var identity = context.User.Identity();
        var headers = context.Response.Headers;
        headers.Connection = HeaderNames.Upgrade;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = Accept(key);
        if (subprotocol is not null)
        {
            headers.SecWebSocketProtocol = subprotocol;
        }

        // Through the server's stream (TLS) a slow reader is ours to judge, not the server's.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // From here on it lives as long as it likes. Not before: a request that only looks like a WebSocket ends like any other.
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();

        // A connection lives for hours; what happens on it belongs to no request.
        System.Diagnostics.Activity.Current = null;
        var id = Ids.New(services.Time);
        var connection = new ClientConnection(id, identity, stream, writes.WriterFor(context, stream), services, context.Abort);
        hub.Add(connection);
        try
        {
            if (drain.IsStopping)
            {
                // The drain read the list of connections just before this one came.
                connection.Close(CloseCodes.Draining, "0");
            }

            if (revoked.Contains(identity.Tenant, identity.Session))
            {
                // Ended between the check of the token and now: the revocation did not see this connection.
                connection.Close(CloseCodes.SessionRevoked, "The session was revoked.");
            }

            await connection.RunAsync();
        }
        finally
        {
            hub.Remove(connection);
        }
    }

    private ProblemResult? Refuse(HttpContext context, out string key, out string? subprotocol)
    {
        key = "";
        subprotocol = null;
        var request = context.Request;
        if (drain.IsDraining)
        {
            return Problems.Unavailable("This node is shutting down.", ProblemTypes.Draining, RetryAfter);
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            || !request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            return Problems.InvalidRequest("This is a WebSocket: the request must ask for an upgrade.", HeaderNames.Upgrade);
        }

        if (request.Headers.SecWebSocketVersion != "13")
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            return Problems.InvalidRequest("The WebSocket version is 13.", HeaderNames.SecWebSocketVersion);
        }

        key = request.Headers.SecWebSocketKey.ToString();
        Span<byte> nonce = stackalloc byte[KeyBytes];
        if (!Convert.TryFromBase64String(key, nonce, out var length) || length != KeyBytes)
        {
            return Problems.InvalidRequest("The key is 16 bytes in base64.", HeaderNames.SecWebSocketKey);
        }

        if (!IsAllowedOrigin(request.Headers.Origin.ToString()))
        {
            return Problems.Forbidden("The origin is not allowed.");
        }

        var offered = request.Headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol);
        if (offered.Contains(FrameTypes.Subprotocol, StringComparer.Ordinal))
        {
            subprotocol = FrameTypes.Subprotocol;
        }
        else if (offered.Length > 0)
        {
            return Problems.InvalidRequest($"The subprotocol is {FrameTypes.Subprotocol}.", HeaderNames.SecWebSocketProtocol);
        }

        return null;
    }

    private bool IsAllowedOrigin(string origin) =>
        origin.Length == 0
        || services.Options.AllowedOrigins.Length == 0
        || _origins.Contains(origin);

    private static string Accept(string key)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The WebSocket handshake is defined with SHA-1; it proves understanding, not secrecy.
        SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix), hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }
}
