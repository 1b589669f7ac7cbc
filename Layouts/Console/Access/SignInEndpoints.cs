using System.Security.Claims;
using Contracts.Dbman;
using Contracts.Public;
using Contracts.Results;
using Contracts.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Layouts.Console.Access;

/// <summary>
/// Ways in and out. Passwords go to Session and are not kept; what comes back is checked like any user's token, and by the rule for operators.
/// </summary>
internal static class SignInEndpoints
{
    public const string ReturnParameter = "returnTo";

    private const int MaxBy = 100;

    public static void Map(WebApplication app)
    {
        var open = app.MapGroup("").AllowAnonymous();
        open.MapGet(ConsoleRoutes.SignIn, (HttpContext context, IOptions<OperatorOptions> operators, string? returnTo) =>
            Page(operators.Value, returnTo, refusal: null, StatusCodes.Status200OK));

        // Bound at run time: what the compiler writes answers a form without its antiforgery token with 500.
#pragma warning disable RDG002
        Delegate signIn = SignInAsync;
        open.MapPost(ConsoleRoutes.SignIn, signIn);
#pragma warning restore RDG002
        open.MapGet(ConsoleRoutes.Enter, EnterAsync);
        open.MapGet(ConsoleRoutes.Alive, static () => TypedResults.NoContent());
        app.MapPost(ConsoleRoutes.SignOut, SignOutAsync).RequireAuthorization(ConsoleTicket.Policy);
        app.MapPost(ConsoleRoutes.Links, CreateLink).RequireAuthorization(Policies.Operator);
    }

    private static async Task<IResult> SignInAsync(
        [FromForm] string? user,
        [FromForm] string? password,
        [FromForm] string? returnTo,
        HttpContext context,
        SessionLogin session,
        UserTokens tokens,
        IOptions<OperatorOptions> operators,
        IOptions<ConsoleOptions> options,
        TimeProvider time,
        ILogger<SessionLogin> logger,
        CancellationToken cancellationToken)
    {
        IResult Refuse(int status, string type, string? detail, string text)
        {
            logger.ConsoleSignInRefused(type, detail);
            return Page(operators.Value, returnTo, text, status);
        }

        if (operators.Value.Tenant is not { Length: > 0 } tenant)
        {
            return Refuse(StatusCodes.Status403Forbidden, "no-operators", null, "No tenant is named whose admins are operators: use a link of the command line.");
        }

        var login = await session.LoginAsync(new LoginRequest(tenant, user ?? "", password ?? ""), cancellationToken);
        if (!login.TryGet(out var granted, out var problem))
        {
            return Refuse(problem.Status, problem.Type, problem.Detail, TextOf(problem));
        }

        var checkedToken = await tokens.ValidateAsync(granted.AccessToken, cancellationToken);
        if (checkedToken.Identity is not { } identity || !checkedToken.IsValid)
        {
            return Refuse(StatusCodes.Status503ServiceUnavailable, checkedToken.Status.ToString(), checkedToken.Reason, "The sign-in cannot be checked now. Try again.");
        }

        if (identity.Tenant != tenant || !identity.IsAdmin)
        {
            return Refuse(StatusCodes.Status403Forbidden, "no-operator", $"{identity.Tenant}/{identity.User}", "You are signed in, but you are not an operator.");
        }

        var expires = time.GetUtcNow() + options.Value.SessionLength;
        await AdmitAsync(context, ConsoleTicket.Of(identity, expires), expires, logger);
        return TypedResults.LocalRedirect(Target(returnTo));
    }

    private static async Task<IResult> EnterAsync(
        HttpContext context, ConsoleLinks links, IOptions<OperatorOptions> operators, IOptions<ConsoleOptions> options, TimeProvider time, ILogger<ConsoleLinks> logger, string? t)
    {
        var redeemed = await links.RedeemAsync(t ?? "");
        if (!redeemed.TryGet(out var link, out var problem))
        {
            logger.ConsoleSignInRefused(problem.Type, problem.Detail);
            return Page(operators.Value, returnTo: null, problem.Detail, problem.Status);
        }

        var expires = time.GetUtcNow() + options.Value.SessionLength;
        await AdmitAsync(context, ConsoleTicket.Of(link.Service, link.By, expires), expires, logger);
        return TypedResults.LocalRedirect(ConsoleRoutes.Root);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, DbmanClient dbman, ILogger<SessionLogin> logger, CancellationToken cancellationToken)
    {
        // The session was opened for the console alone. When it cannot be ended now it ends by itself; the cookie is gone in any case.
        if (context.User.TryGetIdentity() is { } user
            && (await dbman.Sessions.RevokeAsync(user.Tenant, user.User, new RevokeSessionsRequest("console", user.Session), cancellationToken)).Problem is { } problem)
        {
            logger.ConsoleSessionKept(problem.Type, problem.Detail);
        }

        await context.SignOutAsync(ConsoleTicket.Scheme);
        return TypedResults.LocalRedirect(ConsoleRoutes.SignIn);
    }

    private static IResult CreateLink(HttpContext context, ConsoleLinks links, ConsoleLinkRequest request)
    {
        if (request.By?.Length is 0 or > MaxBy)
        {
            return Problems.InvalidRequest($"by: 1 to {MaxBy} characters.");
        }

        // A user signs in with the password, so that the console follows what becomes of the user; a link would not.
        return context.User.ServiceName() is { } service
            ? Results.Json(links.Create(service, request.By ?? service), ConsoleJsonContext.Default.ConsoleLinkView)
            : Problems.Forbidden("Links are for the operator's key; users sign in with their password.");
    }

    private static Task AdmitAsync(HttpContext context, ClaimsPrincipal principal, DateTimeOffset expires, ILogger logger)
    {
        logger.ConsoleSignedIn(ConsoleTicket.ByOf(principal));
        return context.SignInAsync(ConsoleTicket.Scheme, principal, new AuthenticationProperties { ExpiresUtc = expires });
    }

    /// <summary>Only within the console: nobody's link leads out of it by signing in.</summary>
    private static string Target(string? returnTo) =>
        returnTo is not null && (returnTo == ConsoleRoutes.Root || returnTo.StartsWith(ConsoleRoutes.Root + "/", StringComparison.Ordinal)) ? returnTo : ConsoleRoutes.Root;

    private static string TextOf(ServiceProblem problem) => problem.Status switch
    {
        StatusCodes.Status401Unauthorized => "The user name or the password is wrong.",
        StatusCodes.Status429TooManyRequests => $"Too many attempts: {problem.Detail}",
        >= 500 => $"Session does not answer as it should: {problem.Detail} A link of the command line works without it.",
        _ => problem.Detail ?? problem.Title,
    };

    private static RazorComponentResult Page(OperatorOptions operators, string? returnTo, string? refusal, int status)
    {
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(SignInPage.Tenant)] = operators.Tenant,
            [nameof(SignInPage.ReturnTo)] = returnTo,
            [nameof(SignInPage.Refusal)] = refusal,
        };
        return new RazorComponentResult(typeof(SignInPage), parameters) { StatusCode = status };
    }
}
