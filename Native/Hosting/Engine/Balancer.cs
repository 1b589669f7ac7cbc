using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Aspire.Hosting.Engine;

/// <summary>Listens on the addresses that stand for several replicas, and forwards HTTP and WebSockets (see <see cref="BalancedEndpoint"/>).</summary>
internal sealed class Balancer(ResourceNotificationService notifications)
{
    /// <summary>A socket on which nothing was said for this long is a forgotten one.</summary>
    private static readonly ForwarderRequestConfig Request = new()
    {
        ActivityTimeout = TimeSpan.FromHours(1),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private WebApplication? _web;
    private HttpMessageInvoker? _client;

    public async Task StartAsync(IReadOnlyList<ResourceRun> runs, CancellationToken cancellationToken)
    {
        var endpoints = runs
            .SelectMany(r => r.Resource.Annotations.OfType<EndpointAnnotation>()
                .Where(e => EndpointAllocation.IsBalanced(r.Resource, e))
                .Select(e => new BalancedEndpoint(e, r, notifications)))
            .ToDictionary(e => e.Port);
        if (endpoints.Count == 0)
        {
            return;
        }

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, string.Empty);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // What a request may be is for the service behind to say.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.AddServerHeader = false;
            foreach (var port in endpoints.Keys)
            {
                kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = DistributedContextPropagator.CreatePassThroughPropagator(),
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        });
        _web = builder.Build();
        var forwarder = _web.Services.GetRequiredService<IHttpForwarder>();
        _web.Run(context => ForwardAsync(forwarder, _client, endpoints[context.Connection.LocalPort], context));
        try
        {
            await _web.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new DistributedApplicationException($"A balancer could not listen: {e.Message} Stop what listens there, or change the port in launchSettings.json.", e);
        }
    }

    public async Task StopAsync()
    {
        if (_web is { } web)
        {
            _web = null;

            // What it forwarded to is gone, so nothing in progress can still end well.
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await web.StopAsync(now.Token);
            await web.DisposeAsync();
            _client!.Dispose();
        }
    }

    private static async Task ForwardAsync(IHttpForwarder forwarder, HttpMessageInvoker client, BalancedEndpoint endpoint, HttpContext context)
    {
        var tried = new List<BalancedEndpoint.Backend>();
        while (endpoint.Pick(tried) is { } backend)
        {
            tried.Add(backend);
            backend.Enter();
            try
            {
                var error = await forwarder.SendAsync(context, backend.Address, client, Request);
                if (error == ForwarderError.None || context.Response.HasStarted)
                {
                    return;
                }
            }
            finally
            {
                backend.Leave();
            }

            var failure = context.Features.Get<IForwarderErrorFeature>();
            if (!MayGoToAnother(context.Request, failure))
            {
                await RefuseAsync(context, context.Response.StatusCode, $"A replica of '{endpoint.ResourceName}' broke off: {failure?.Exception?.Message}");
                return;
            }

            context.Response.Clear();
        }

        await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"No replica of '{endpoint.ResourceName}' runs.");
    }

    /// <summary>Either nothing was sent, or what was sent may be said twice: a replica that dies costs no request that only reads.</summary>
    private static bool MayGoToAnother(HttpRequest request, IForwarderErrorFeature? failure) =>
        failure?.Exception is HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } }
        || (failure?.Error is ForwarderError.Request or ForwarderError.UpgradeRequestDestination
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && !request.HttpContext.RequestAborted.IsCancellationRequested);

    private static async Task RefuseAsync(HttpContext context, int status, string detail)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
        await context.Response.WriteAsJsonAsync(
            new { type = "about:blank", title = "The balancer found nobody to answer", status, detail },
            options: null,
            contentType: "application/problem+json",
            context.RequestAborted);
    }
}
