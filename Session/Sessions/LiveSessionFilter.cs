using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;
using ServiceDefaults.Identity.Revocations;

namespace Session.Sessions;

/// <summary>
/// Refuses a token whose session has ended, and asks for it. Elsewhere that is known within a moment; here, where passwords are changed and sessions
/// are ended, the thief of a token must lose it at once.
/// </summary>
internal static class LiveSessionFilter
{
    public static RouteGroupBuilder RequireLiveSession(this RouteGroupBuilder group) => group.AddEndpointFilter(static async (context, next) =>
    {
        var http = context.HttpContext;
        var live = await http.RequestServices.GetRequiredService<LiveSessions>().IsLiveAsync(http.User.Identity(), http.RequestAborted);
        return live switch
        {
            { IsSuccess: false } => Problems.From(live.Problem),
            { Value: true } => await next(context),
            _ => Ended(http),
        };
    });

    public static ProblemResult Ended(HttpContext context)
    {
        const string reason = "The session has ended.";
        context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"invalid_token\", error_description=\"{reason}\"";
        return Problems.Unauthenticated(reason);
    }
}
