using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dashboard.Listening;

/// <summary>
/// Three ports of this machine: one for browsers, one for OTLP over gRPC and one for OTLP over HTTP. Without TLS, HTTP/2 needs a port of its own. What
/// belongs to one is not found on another.
/// </summary>
internal static class ListenerExtensions
{
    private static readonly (Listener Listener, string Variable, HttpProtocols Protocols)[] Known =
    [
        (Listener.Frontend, "ASPNETCORE_URLS", HttpProtocols.Http1),
        (Listener.OtlpGrpc, "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", HttpProtocols.Http2),
        (Listener.OtlpHttp, "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", HttpProtocols.Http1),
    ];

    public static void AddListeners(this WebApplicationBuilder builder)
    {
        var ports = Known
            .Select(k => (k.Listener, k.Protocols, Port: PortOf(builder.Configuration, k.Variable, isNeeded: k.Listener == Listener.Frontend)))
            .Where(k => k.Port is not null)
            .ToDictionary(k => k.Listener, k => (Port: k.Port!.Value, k.Protocols));
        builder.Services.AddSingleton(new ListenerPorts(ports.ToDictionary(p => p.Key, p => p.Value.Port)));
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, string.Empty);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var (port, protocols) in ports.Values)
            {
                kestrel.ListenLocalhost(port, listen => listen.Protocols = protocols);
            }
        });
    }

    public static void UseListeners(this WebApplication app)
    {
        var ports = app.Services.GetRequiredService<ListenerPorts>();
        app.UseRouting();
        app.Use((context, next) =>
        {
            var wanted = context.GetEndpoint()?.Metadata.GetMetadata<ListenerMetadata>()?.Listener ?? Listener.Frontend;
            if (ports.Of(wanted) == context.Connection.LocalPort)
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>What is mapped here is found on that listener's port only.</summary>
    public static TBuilder RequireListener<TBuilder>(this TBuilder builder, Listener listener)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ListenerMetadata(listener));

    private static int? PortOf(IConfiguration configuration, string variable, bool isNeeded)
    {
        if (configuration[variable] is not { Length: > 0 } value)
        {
            return isNeeded ? throw new InvalidOperationException($"{variable} is not set: the engine says where its dashboard is.") : null;
        }

        return Uri.TryCreate(value, UriKind.Absolute, out var address) && address is { Scheme: "http", IsLoopback: true }
            ? address.Port
            : throw new InvalidOperationException($"{variable} is '{value}', which is not an address of this machine such as http://localhost:15000.");
    }

    private sealed record ListenerMetadata(Listener Listener);
}
