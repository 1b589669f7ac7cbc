using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity;

namespace Layouts.Console.Access;

/// <summary>
/// Who gets in (docs/adr): operators, by a cookie that a sign-in gave them. All nodes read each other's cookies and page state, as they derive the
/// keys from realtime's own.
/// </summary>
internal static class ConsoleAccess
{
    public static void AddConsoleAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ConsoleLinks>();
        services.AddScoped<ConsoleSession>();
        services.AddCascadingAuthenticationState();
        services.AddAuthentication().AddCookie(ConsoleTicket.Scheme, static cookie =>
        {
            cookie.Cookie.Name = ConsoleTicket.Cookie;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.LoginPath = ConsoleRoutes.SignIn;
            cookie.AccessDeniedPath = ConsoleRoutes.SignIn;
            cookie.ReturnUrlParameter = SignInEndpoints.ReturnParameter;
            cookie.SlidingExpiration = false;
        });
        services.AddOptions<Microsoft.AspNetCore.Authentication.Cookies.CookieAuthenticationOptions>(ConsoleTicket.Scheme)
            .Configure<IOptions<ConsoleOptions>, TimeProvider>(static (cookie, options, time) =>
            {
                cookie.ExpireTimeSpan = options.Value.SessionLength;
                cookie.TimeProvider = time;
            });
        services.AddAntiforgery(static antiforgery =>
        {
            antiforgery.Cookie.Name = "realtime-console-form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddAuthorizationBuilder().AddPolicy(ConsoleTicket.Policy, new AuthorizationPolicyBuilder(ConsoleTicket.Scheme).RequireOperator().Build());
    }
}
