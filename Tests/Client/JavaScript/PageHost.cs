using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Tests.Client.JavaScript;

/// <summary>
/// An empty page under a strict policy, the SDK's files under <c>/sdk</c>, and the services under <c>/session</c>, <c>/chat</c>, <c>/fileman</c> and <c>/realtime</c>, over a line that a test can cut.
/// </summary>
internal sealed class PageHost : IAsyncDisposable
{
    private const string Policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:";

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly ConcurrentDictionary<string, Uri> _targets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<HttpContext, bool> _tunnels = new();
    private readonly ConcurrentQueue<string> _calls = new();
    private volatile bool _cut;

    private PageHost(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>Method and path of every call so far.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    public static async Task<PageHost> StartAsync(RunningServices services, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var host = new PageHost(app);
        host.Direct("session", services.Session);
        host.Direct("chat", services.Chat);
        host.Direct("fileman", services.Fileman);
        host.Direct("realtime", services.Realtime);
        app.Use(host.CutAsync);
        app.UseStaticFiles(new StaticFileOptions { RequestPath = "/sdk", FileProvider = new PhysicalFileProvider(NodeRun.Folder) });

        // After the files, or a service would get their paths.
        app.UseRouting();
        app.MapGet("/", static context =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync("<!doctype html><title>SDK</title><link rel=icon href='data:,'>", context.RequestAborted);
        });
        app.Map(RoutePatternFactory.Parse("/{service}/{**path}"), host.ForwardAsync);
        await app.StartAsync(cancellationToken);
        host.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return host;
    }

    /// <summary>Where calls of a service go from now on; sockets that are open stay where they are.</summary>
    public void Direct(string service, Uri target) => _targets[service] = target;

    /// <summary>Breaks every socket, and every call until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var tunnel in _tunnels.Keys)
        {
            tunnel.Abort();
        }
    }

    public void Mend() => _cut = false;

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private Task CutAsync(HttpContext context, RequestDelegate next)
    {
        if (!_cut)
        {
            return next(context);
        }

        context.Abort();
        return Task.CompletedTask;
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var service = (string)context.Request.RouteValues["service"]!;
        _calls.Enqueue($"{context.Request.Method} {context.Request.Path}");
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(_targets[service], $"/{context.Request.RouteValues["path"]}{context.Request.QueryString}"));
        if (context.Request.ContentLength is not null || context.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(static header => header.Key is not ("Host" or "Transfer-Encoding")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        using var response = await _http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(static header => header.Key is not "Transfer-Encoding"))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        if (response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols)
        {
            await TunnelAsync(context, await response.Content.ReadAsStreamAsync(context.RequestAborted));
            return;
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>Bytes both ways until one side ends.</summary>
    private async Task TunnelAsync(HttpContext context, Stream server)
    {
        var browser = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        _tunnels[context] = true;
        if (_cut)
        {
            context.Abort();
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        await Task.WhenAny(browser.CopyToAsync(server, stop.Token), server.CopyToAsync(browser, stop.Token));
        await stop.CancelAsync();
        _tunnels.TryRemove(context, out _);
        await server.DisposeAsync();
    }
}
