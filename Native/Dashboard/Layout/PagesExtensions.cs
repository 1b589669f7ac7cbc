using Microsoft.AspNetCore.Components.Server;
using Microsoft.FluentUI.AspNetCore.Components;

namespace Dashboard.Layout;

internal static class PagesExtensions
{
    public static void AddPages(this WebApplicationBuilder builder)
    {
        // Run from its build output, where styles and scripts are still where their packages have them.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.Configure<CircuitOptions>(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = 10;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(1);
            circuits.MaxBufferedUnacknowledgedRenderBatches = 5;
        });
        builder.Services.AddFluentUIComponents();
    }

    public static void MapPages(this WebApplication app)
    {
        // Styles and scripts hold no secret, and the login page needs some.
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null);
    }
}
