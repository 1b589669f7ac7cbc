using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>
/// Takes the service credential or a user's access token. One scheme for both: two schemes on one policy would each write their refusal into the same answer.
/// </summary>
internal sealed class OperatorTokenHandler(
    ServiceTokens services, UserTokens users, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : BearerHandler(options, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerToken.Find(Request, allowSubprotocol: false) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        if (await services.ValidateAsync(token) is { } service)
        {
            return AuthenticateResult.Success(new AuthenticationTicket(service, Scheme.Name));
        }

        var user = await users.ValidateAsync(token, Context.RequestAborted);
        return user.IsValid
            ? AuthenticateResult.Success(new AuthenticationTicket(user.Principal, Scheme.Name))
            : Refuse(user.Reason, unavailable: user.Status == UserTokenStatus.Unavailable);
    }
}
