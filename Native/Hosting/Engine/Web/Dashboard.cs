using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine.Web;

/// <summary>
/// A page that shows the resources, their output, and buttons to start and stop them. It answers this machine only: other hosts' names are refused
/// (a name that was made to point here would otherwise read it), and a command needs a header that no foreign page can send. Environment
/// variables and parameters, which hold secrets, are not shown.
/// </summary>
internal sealed class Dashboard(EngineContext engine, ResourceCommandService commands, IConfiguration configuration) : IHostedService
{
    private const string CommandHeader = "X-Dashboard";
    private const string Page = "Aspire.Hosting.Engine.Web.dashboard.html";
    private WebApplication? _web;

    /// <summary>The address that the launch profile gives the AppHost; without one there is no page.</summary>
    public static string? AddressOf(IConfiguration configuration) =>
        (configuration["ASPNETCORE_URLS"] ?? string.Empty).Split(';').FirstOrDefault(u => u.StartsWith("http://", StringComparison.Ordinal));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (AddressOf(configuration) is not { } address)
        {
            return;
        }

        var port = new Uri(address).Port;
        if (!Ports.IsFree(port))
        {
            throw new DistributedApplicationException(
                $"Port {port}, where the dashboard is to be, is in use. Stop what listens there (to see it: ss -ltnp 'sport = :{port}'), "
                + "or change the port in the AppHost's launchSettings.json.");
        }

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, string.Empty);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, DashboardJsonContext.Default));
        _web = builder.Build();
        _web.Use(RefuseStrangersAsync);
        _web.MapGet("/", () => Results.Stream(typeof(Dashboard).Assembly.GetManifestResourceStream(Page)!, "text/html; charset=utf-8"));
        _web.MapGet("/api/resources", () => engine.Notifications.Current.Select(Shown).OrderBy(r => r.Name, StringComparer.Ordinal).ToArray());
        _web.MapGet("/api/logs/{id}", (string id) => engine.Loggers.BufferOf(id).Last(500).Select(l => new Line(l.LineNumber, l.Content, l.IsErrorMessage)).ToArray());
        _web.MapPost("/api/resources/{id}/{command}", ExecuteAsync);
        await _web.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_web is { } web)
        {
            _web = null;
            await web.StopAsync(cancellationToken);
            await web.DisposeAsync();
        }
    }

    private static Task RefuseStrangersAsync(HttpContext context, RequestDelegate next)
    {
        var isOurs = context.Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]"
            && (HttpMethods.IsGet(context.Request.Method) || context.Request.Headers.ContainsKey(CommandHeader));
        if (isOurs)
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'";
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private async Task<IResult> ExecuteAsync(string id, string command, CancellationToken cancellationToken)
    {
        var result = await commands.ExecuteCommandAsync(id, command, cancellationToken);
        return result.Success ? Results.NoContent() : Results.Problem(result.Message, statusCode: StatusCodes.Status409Conflict);
    }

    private Shown Shown(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        return new Shown(
            change.ResourceId,
            change.Resource.Name,
            snapshot.ResourceType,
            snapshot.State?.Text ?? "Unknown",
            snapshot.HealthStatus?.ToString(),
            string.Join(' ', snapshot.HealthReports.Where(r => r.Description is not null).Select(r => r.Description)),
            snapshot.ExitCode,
            snapshot.Property(KnownProperties.ExecutablePid) as int?,
            [.. snapshot.Urls.Select(u => u.Url).Distinct(StringComparer.Ordinal)],
            [.. change.Resource.Annotations.OfType<ResourceCommandAnnotation>()
                .Where(c => c.UpdateState(new UpdateCommandStateContext { ResourceSnapshot = snapshot, Services = engine.Services }) == ResourceCommandState.Enabled)
                .Select(c => c.Name)]);
    }
}
