using Contracts;
using Layouts.Console.Access;
using Layouts.Console.Figures;
using Layouts.Console.Live;
using Layouts.Console.Overview;
using Layouts.Console.Pages;
using Layouts.Console.Scopes;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.FluentUI.AspNetCore.Components;
using ServiceDefaults;
using ServiceDefaults.Http;
using ServiceDefaults.Identity;

namespace Layouts.Console;

/// <summary>Composes the console: operators' page, served by every node, over the same services as operators' API.</summary>
internal static class ConsoleService
{
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        builder.AddValidatedOptions<ConsoleOptions>(ConsoleOptions.Section);
        if (!builder.Configuration.GetValue($"{ConsoleOptions.Section}:{nameof(ConsoleOptions.Enabled)}", defaultValue: true))
        {
            return;
        }

        UseAssetsOfBuild(builder);
        builder.AddServiceDataProtection();
        builder.AddServiceClient<SessionLogin>(ServiceNames.Session);
        builder.AddConsoleAccess();

        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.Configure<CircuitOptions>(static circuits =>
        {
            // A page that lost its node reloads from any node that answers: a circuit that waits for it would be kept for nobody.
            circuits.DisconnectedCircuitMaxRetained = 1;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(5);
            circuits.MaxBufferedUnacknowledgedRenderBatches = 5;
        });
        services.AddFluentUIComponents();
        services.AddSingleton<ConsoleFeed>();
        services.AddHostedService(static provider => provider.GetRequiredService<ConsoleFeed>());
        services.AddSingleton<FiguresPageCache>();
        services.AddSingleton<OverviewPageCache>();
        services.AddScoped<LiveView>();
        services.AddScoped<LayoutActs>();
    }

    public static void MapConsole(this WebApplication app)
    {
        if (app.Services.GetService<ConsoleFeed>() is null)
        {
            return;
        }

        app.UseWhen(static context => ConsoleRoutes.Owns(context.Request.Path), static console =>
        {
            console.UseMiddleware<ConsoleHeaders>();
            console.UseMiddleware<PageLimit>();
            console.UseAntiforgery();
        });
        SignInEndpoints.Map(app);

        // Styles and scripts hold no secret, and the sign-in page needs some.
        app.MapStaticAssets(ManifestOf("endpoints")).AllowAnonymous();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(static mode => mode.ContentSecurityFrameAncestorsPolicy = null)
            .WithStaticAssets(ManifestOf("endpoints"))
            .RequireAuthorization(ConsoleTicket.Policy);
    }

    /// <summary>Run from a build's output, styles and scripts are still where their packages have them.</summary>
    private static void UseAssetsOfBuild(WebApplicationBuilder builder)
    {
        var manifest = ManifestOf("runtime");
        if (File.Exists(manifest))
        {
            builder.Configuration[WebHostDefaults.StaticWebAssetsKey] = manifest;

            // Else a fallback would answer whatever path looks like a file's.
            builder.Configuration["ReloadStaticAssetsAtRuntime"] = "false";
            StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, builder.Configuration);
        }
    }

    private static string ManifestOf(string kind) =>
        Path.Combine(AppContext.BaseDirectory, $"{typeof(ConsoleService).Assembly.GetName().Name}.staticwebassets.{kind}.json");
}
