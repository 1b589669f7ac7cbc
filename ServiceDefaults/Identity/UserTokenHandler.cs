using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceDefaults.Identity.Revocations;

namespace ServiceDefaults.Identity;

internal sealed class UserTokenHandler(
    UserTokens tokens, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : BearerHandler(options, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerToken.Find(Request, allowSubprotocol: true) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        var result = await tokens.ValidateAsync(token, Context.RequestAborted);
        return result.IsValid || (result.Status == UserTokenStatus.Revoked && Context.GetEndpoint()?.Metadata.GetMetadata<EndedSessionsMayCall>() is not null)
            ? AuthenticateResult.Success(new AuthenticationTicket(result.Principal!, Scheme.Name))
            : Refuse(result.Reason!, unavailable: result.Status == UserTokenStatus.Unavailable);
    }
}
