using Contracts.Dbman;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Infrastructure;

/// <summary>Passes calls on and counts them, except for the poll for ended sessions that every service makes.</summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _target;
    private readonly Func<HttpRequest, Task> _answering;
    private int _calls;

    private CountingProxy(WebApplication app, Uri target, Func<HttpRequest, Task>? answering)
    {
        _app = app;
        _answering = answering ?? (static _ => Task.CompletedTask);
        _target = new HttpClient { BaseAddress = target };
    }

    public Uri Address { get; private set; } = null!;

    public int Calls => Volatile.Read(ref _calls);

    /// <param name="target">Where calls go.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="answering">Awaited between the target's answer and passing it on.</param>
    public static async Task<CountingProxy> StartAsync(Uri target, CancellationToken cancellationToken, Func<HttpRequest, Task>? answering = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var proxy = new CountingProxy(builder.Build(), target, answering);
        proxy._app.Run(proxy.HandleAsync);
        await proxy._app.StartAsync(cancellationToken);
        proxy.Address = new Uri(proxy._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _target.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var incoming = context.Request;
        if (incoming.Path != DbmanRoutes.RevokedSessions)
        {
            Interlocked.Increment(ref _calls);
        }

        using var request = new HttpRequestMessage(new HttpMethod(incoming.Method), new Uri(incoming.Path.ToUriComponent() + incoming.QueryString, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", incoming.Headers.Authorization.ToString());
        if (incoming.ContentLength > 0)
        {
            request.Content = new StreamContent(incoming.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", incoming.ContentType);
        }

        using var response = await _target.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        await _answering(incoming);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
