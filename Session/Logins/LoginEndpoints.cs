using Contracts;
using Contracts.Public;
using Contracts.Results;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;
using Session.Passwords;
using Session.Sessions;
using Session.Throttling;
using Session.Validation;

namespace Session.Logins;

/// <summary>Log in, refresh.</summary>
internal static class LoginEndpoints
{
    public static void MapLogins(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("").AllowAnonymous().WithSmallBody().LimitByAddress();
        open.MapPost(SessionRoutes.Login, LoginAsync);
        open.MapPost(SessionRoutes.Refresh, RefreshAsync);
    }

    private static async Task<IResult> LoginAsync(
        LoginRequest body, HttpContext context, CredentialCheck credentials, DeviceTokens devices, SessionStarter sessions, CancellationToken cancellationToken)
    {
        if (!Ids.IsValid(body.Tenant))
        {
            return Problems.InvalidId("tenant");
        }

        if (Usernames.Normalize(body.Username) is not { } username)
        {
            return Problems.InvalidRequest($"'username' must be {Usernames.Rule}.", "$.username");
        }

        if (PasswordRules.CheckForLogin(body.Password) is { } reason)
        {
            return Problems.InvalidRequest($"'password' {reason}.", "$.password");
        }

        if (await sessions.CheckReadyAsync(cancellationToken) is { } notReady)
        {
            return Problems.From(notReady);
        }

        var device = devices.Find(body.Device, body.Tenant, username);
        var source = device is null ? LoginSource.OfAddress(context) : LoginSource.OfDevice(device, context);
        var login = await credentials.CheckAsync(body.Tenant, username, body.Password, source, cancellationToken);
        return login.IsSuccess
            ? Tokens(context, await sessions.StartAsync(login.Value, Caller.Of(context, device?.Id), cancellationToken))
            : Problems.From(login.Problem);
    }

    private static async Task<IResult> RefreshAsync(RefreshRequest body, HttpContext context, SessionStarter sessions, CancellationToken cancellationToken) =>
        string.IsNullOrEmpty(body.RefreshToken)
            ? Problems.InvalidRequest("'refreshToken' is missing.", "$.refreshToken")
            : Tokens(context, await sessions.RefreshAsync(body.RefreshToken, cancellationToken));

    /// <summary>Tokens, never to be cached.</summary>
    public static IResult Tokens(HttpContext context, ServiceResult<TokenResponse> result, int status = StatusCodes.Status200OK) => result.ToHttp(tokens =>
    {
        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        return TypedResults.Json(tokens, PublicJsonContext.Default.TokenResponse, statusCode: status);
    });
}
