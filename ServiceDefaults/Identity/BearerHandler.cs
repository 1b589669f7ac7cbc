using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Identity;

/// <summary>What both schemes share: 401 and 403 as problem details, and 503 where a token cannot be judged now.</summary>
internal abstract class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private string? _reason;
    private bool _unavailable;

    protected AuthenticateResult Refuse(string reason, bool unavailable = false)
    {
        _reason = reason;
        _unavailable = unavailable;
        return AuthenticateResult.Fail(reason);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_unavailable)
        {
            return Problems.Unavailable(_reason ?? "Credentials cannot be checked now.").ExecuteAsync(Context);
        }

        Response.Headers[HeaderNames.WWWAuthenticate] = _reason is null
            ? "Bearer"
            : $"Bearer error=\"invalid_token\", error_description=\"{_reason}\"";
        return Problems.Unauthenticated(_reason ?? "A bearer token is required.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Forbidden("The caller may not do this.").ExecuteAsync(Context);
}
