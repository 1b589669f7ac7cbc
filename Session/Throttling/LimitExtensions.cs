using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.Errors;

namespace Session.Throttling;

/// <summary>Limits of groups of endpoints.</summary>
internal static class LimitExtensions
{
    /// <summary>The longest valid body is a sign-up: below 4 KiB even with every character escaped.</summary>
    private const long MaxBodyBytes = 16 * 1_024;

    /// <summary>Bounds the body.</summary>
    public static RouteGroupBuilder WithSmallBody(this RouteGroupBuilder group) => group.WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    /// <summary>Refuses an address that calls too often.</summary>
    public static RouteGroupBuilder LimitByAddress(this RouteGroupBuilder group) => group.AddEndpointFilter(static (context, next) =>
    {
        var services = context.HttpContext.RequestServices;
        if (services.GetRequiredService<AddressLimiter>().Take(context.HttpContext.Connection.RemoteIpAddress) is not { } wait)
        {
            return next(context);
        }

        services.GetRequiredService<SessionTelemetry>().AddressLimited();
        return ValueTask.FromResult<object?>(Problems.TooManyRequests("Too many calls come from this address.", wait));
    });
}
