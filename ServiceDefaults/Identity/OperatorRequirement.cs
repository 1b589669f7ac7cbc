using Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>The holder of the operator's key, realtime itself (the command line in its pod), or an admin of the operators' tenant.</summary>
internal sealed class OperatorRequirement : IAuthorizationRequirement;

internal sealed class OperatorRequirementHandler(IOptions<OperatorOptions> options) : AuthorizationHandler<OperatorRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, OperatorRequirement requirement)
    {
        var isOperator = context.User.ServiceName() is ServiceNames.Operator or ServiceNames.Realtime
            || (options.Value.Tenant is { Length: > 0 } tenant && context.User.TryGetIdentity() is { } user && user.Tenant == tenant && user.IsAdmin);
        if (isOperator)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
