using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Requests;

/// <summary>Refuses routes with malformed ids, before anything looks them up.</summary>
public static class RouteIdExtensions
{
    /// <summary>400 when one of these route values breaks <see cref="Ids.Rule"/>; endpoints without such a value are not touched.</summary>
    public static TBuilder RequireRouteIds<TBuilder>(this TBuilder builder, params string[] names)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter((context, next) =>
        {
            foreach (var name in names)
            {
                if (context.HttpContext.GetRouteValue(name) is string id && !Ids.IsValid(id))
                {
                    return ValueTask.FromResult<object?>(Problems.InvalidId(name));
                }
            }

            return next(context);
        });
}
