using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity.Revocations;

namespace ServiceDefaults.Identity;

/// <summary>
/// Takes a service's token or a user's access token. Of an operator's token it is also asked whether its session lives: what operators do concerns all tenants. One scheme for both: two schemes on one policy would each write their refusal into the same answer.
/// </summary>
internal sealed class OperatorTokenHandler(
    ServiceTokens services, UserTokens users, LiveSessions sessions, IOptions<OperatorOptions> operators, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
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
        if (!user.IsValid)
        {
            return Refuse(user.Reason, unavailable: user.Status == UserTokenStatus.Unavailable);
        }

        // Everybody else is refused without a call.
        if (user.Identity.IsAdmin && user.Identity.Tenant == operators.Value.Tenant)
        {
            var live = await sessions.IsLiveAsync(user.Identity, Context.RequestAborted);
            if (!live.IsSuccess)
            {
                return Refuse("It cannot be determined now whether the session is live.", unavailable: true);
            }

            if (!live.Value)
            {
                return Refuse("The session has ended.");
            }
        }

        return AuthenticateResult.Success(new AuthenticationTicket(user.Principal, Scheme.Name));
    }
}
