using Contracts;
using ServiceDefaults.Errors;

namespace Chat;

/// <summary>Refuses routes whose room or user is no id, before anything is asked about it.</summary>
internal static class RouteIds
{
    private static readonly string[] Names = ["room", "user"];

    public static TBuilder RequireRouteIds<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(static (context, next) =>
        {
            foreach (var name in Names)
            {
                if (context.HttpContext.GetRouteValue(name) is string id && !Ids.IsValid(id))
                {
                    return ValueTask.FromResult<object?>(Problems.InvalidId(name));
                }
            }

            return next(context);
        });
}
