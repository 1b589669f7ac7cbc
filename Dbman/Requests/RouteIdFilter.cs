using Contracts;
using ServiceDefaults.Errors;

namespace Dbman.Requests;

/// <summary>Every id in a route follows the one rule before any handler sees it.</summary>
internal sealed class RouteIdFilter : IEndpointFilter
{
    /// <summary>User names have rules of their own, which Session knows; here they are only bounded.</summary>
    private const string Username = "username";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        foreach (var (name, value) in context.HttpContext.Request.RouteValues)
        {
            var text = value as string;
            if (name == Username)
            {
                var check = default(Check);
                check.Text(name, text, Limits.Name);
                if (check.Problem is { } problem)
                {
                    return ValueTask.FromResult<object?>(problem);
                }
            }
            else if (!Ids.IsValid(text))
            {
                return ValueTask.FromResult<object?>(Problems.InvalidId(name));
            }
        }

        return next(context);
    }
}
