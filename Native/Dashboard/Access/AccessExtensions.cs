using System.Globalization;
using Dashboard.Listening;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;

namespace Dashboard.Access;

/// <summary>
/// Who gets in. Everything on the browsers' port needs a session, which the token of the printed link opens (<see cref="LoginEndpoints"/>); only style
/// sheets and scripts of the login page do not. Names that were made to point at this machine are refused, and so is whatever another origin's page
/// sends: another port of this machine is the same site, so that the cookie alone would not tell (<see cref="SameOrigin"/>).
/// </summary>
internal static class AccessExtensions
{
    private static readonly TimeSpan SessionLength = TimeSpan.FromDays(7);

    public static void AddAccess(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DashboardOptions>().BindConfiguration("Dashboard").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(TimeProvider.System);
        var protection = builder.Services.AddDataProtection().SetApplicationName("native-dashboard");
        if (builder.Configuration["Dashboard:StateFolder"] is { Length: > 0 } folder)
        {
            protection.PersistKeysToFileSystem(new DirectoryInfo(folder));
        }

        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();

        // Cookies know no ports: two dashboards on one machine must not overwrite each other's.
        builder.Services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme).Configure<ListenerPorts>((cookie, ports) =>
        {
            cookie.Cookie.Name = string.Create(CultureInfo.InvariantCulture, $"dashboard-{ports.Of(Listener.Frontend)}");
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.ExpireTimeSpan = SessionLength;
            cookie.LoginPath = LoginEndpoints.Path;
            cookie.ReturnUrlParameter = LoginEndpoints.ReturnParameter;
        });
        builder.Services.AddAuthorization(authorization =>
            authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddCascadingAuthenticationState();
    }

    public static void UseAccess(this WebApplication app)
    {
        app.UseMiddleware<SameOrigin>();
        app.UseMiddleware<SecurityHeaders>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<PageLimit>();
        app.UseAntiforgery();
    }
}
