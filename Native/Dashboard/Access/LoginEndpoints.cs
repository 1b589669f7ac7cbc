using System.Security.Claims;
using Dashboard.Engine;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Dashboard.Access;

/// <summary>
/// Exchanges the token of the printed link for a session. The engine keeps the token and prints another when it has been used, so that a link is good
/// once: a second browser or person takes the newer one from the terminal, or pastes it here. Whoever has a session already is let through, and the token
/// is not used up.
/// </summary>
internal static class LoginEndpoints
{
    public const string Path = "/login";
    public const string ReturnParameter = "returnTo";

    /// <summary>Longer than any token, shorter than what would be worth hashing.</summary>
    private const int LongestToken = 2_048;

    public static void MapLogin(this WebApplication app)
    {
        var login = app.MapGroup(Path).AllowAnonymous();
        login.MapGet("", (HttpContext context, string? t, string? returnTo, EngineClient engine, CancellationToken token) =>
            t is null && !IsIn(context) ? Page(refusal: null, returnTo) : EnterAsync(context, t, returnTo, engine, token));

        // A form of another origin is refused before, and the token is what a forger would not have.
        login.MapPost("", ([FromForm] string? token, [FromForm] string? returnTo, HttpContext context, EngineClient engine, CancellationToken cancellationToken) =>
            EnterAsync(context, TokenOf(token), returnTo, engine, cancellationToken)).DisableAntiforgery();
        app.MapPost("/logout", async (HttpContext context) =>
        {
            await context.SignOutAsync();
            return TypedResults.LocalRedirect(Path);
        });
    }

    private static async Task<IResult> EnterAsync(HttpContext context, string? token, string? returnTo, EngineClient engine, CancellationToken cancellationToken)
    {
        if (!IsIn(context))
        {
            if (string.IsNullOrEmpty(token) || token.Length > LongestToken)
            {
                return await Page("That is no token: it is what follows “t=” in the link.", returnTo);
            }

            if (await engine.LoginAsync(token, cancellationToken) is { } refusal)
            {
                return await Page(refusal, returnTo);
            }

            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "developer")], CookieAuthenticationDefaults.AuthenticationScheme);
            await context.SignInAsync(new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
        }

        return TypedResults.LocalRedirect(IsLocal(returnTo) ? returnTo! : "/");
    }

    /// <summary>The whole link is as good as its token.</summary>
    private static string? TokenOf(string? pasted)
    {
        var text = pasted?.Trim();
        return text?.LastIndexOf("t=", StringComparison.Ordinal) is >= 0 and var at ? Uri.UnescapeDataString(text[(at + 2)..]) : text;
    }

    private static bool IsIn(HttpContext context) => context.User.Identity?.IsAuthenticated == true;

    private static bool IsLocal(string? address) => address is ['/', ..] && address is not ['/', '/' or '\\', ..];

    private static Task<IResult> Page(string? refusal, string? returnTo)
    {
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(LoginPage.Refusal)] = refusal, [nameof(LoginPage.ReturnTo)] = returnTo };
        return Task.FromResult<IResult>(new RazorComponentResult<LoginPage>(parameters)
        {
            StatusCode = refusal is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized,
        });
    }
}
