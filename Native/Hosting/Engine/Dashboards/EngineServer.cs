using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>Listens for the dashboard, on this machine only, and answers nobody without the run's key.</summary>
internal sealed class EngineServer(DashboardPlan plan, EngineAnswers answers)
{
    private const string KeyHeader = "x-engine-key";
    private readonly byte[] _key = Encoding.UTF8.GetBytes(plan.EngineKey);
    private WebApplication? _web;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, string.Empty);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhost(plan.EngineService.Port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = 64 << 10);
        builder.Services.AddSingleton(answers);
        _web = builder.Build();
        _web.Use(RefuseStrangersAsync);
        _web.MapGrpcService<EngineAnswers>();
        await _web.StartAsync(cancellationToken);
    }

    public async Task StopAsync()
    {
        answers.End();
        if (_web is { } web)
        {
            _web = null;

            // Streams never end by themselves, so that nothing is to be waited for.
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await web.StopAsync(now.Token);
            await web.DisposeAsync();
        }
    }

    private Task RefuseStrangersAsync(HttpContext context, RequestDelegate next)
    {
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers[KeyHeader].ToString()), _key))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
