using System.Collections.Frozen;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Identity;

/// <summary>
/// The services that may call an endpoint under <see cref="Policies.Service"/>. Each endpoint names them: one that names none refuses everybody.
/// </summary>
public sealed class AllowedCallers(params IEnumerable<string> names)
{
    /// <summary>By name.</summary>
    public IReadOnlySet<string> Names { get; } = names.ToFrozenSet(StringComparer.Ordinal);
}

/// <summary>Declares who may call.</summary>
public static class AllowedCallersExtensions
{
    /// <summary>Only these services may call; any other service gets 403. An endpoint's own list replaces its group's.</summary>
    public static TBuilder AllowCallers<TBuilder>(this TBuilder builder, params string[] callers)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(callers);
        return builder.WithMetadata(new AllowedCallers(callers));
    }
}

/// <summary>The caller is one of those that the endpoint names.</summary>
internal sealed class AllowedCallerRequirement : IAuthorizationRequirement;

internal sealed class AllowedCallerRequirementHandler(ILogger<AllowedCallers> logger) : AuthorizationHandler<AllowedCallerRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AllowedCallerRequirement requirement)
    {
        if (context.User.ServiceName() is not { } caller)
        {
            return Task.CompletedTask;
        }

        var endpoint = (context.Resource as HttpContext)?.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<AllowedCallers>()?.Names.Contains(caller) == true)
        {
            context.Succeed(requirement);
        }
        else
        {
            logger.CallerRefused(caller, endpoint?.DisplayName);
        }

        return Task.CompletedTask;
    }
}
