using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Requests;

/// <summary>Refuses routes with malformed ids, before anything looks them up.</summary>
public static class RouteIdExtensions
{
    /// <summary>400 when a value of the route breaks <see cref="Ids.Rule"/>. A new route is checked without being named here.</summary>
    /// <param name="builder">Endpoints.</param>
    /// <param name="others">Names of values that are no ids: their handlers check them.</param>
    public static TBuilder RequireRouteIds<TBuilder>(this TBuilder builder, params string[] others)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter((context, next) =>
        {
            foreach (var (name, value) in context.HttpContext.Request.RouteValues)
            {
                if (!others.Contains(name, StringComparer.Ordinal) && !Ids.IsValid(value as string))
                {
                    return ValueTask.FromResult<object?>(Problems.InvalidId(name));
                }
            }

            return next(context);
        });
}
