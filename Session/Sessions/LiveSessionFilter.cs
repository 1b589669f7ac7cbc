using Contracts;
using Contracts.Dbman;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Session.Sessions;

/// <summary>
/// Refuses a token whose session has ended. Elsewhere such a token works until it expires; here, where passwords are changed and sessions are
/// ended, whoever stole one must lose it at once. A user has at most <see cref="Limits.Page"/> live sessions, so one page holds them all.
/// </summary>
internal static class LiveSessionFilter
{
    public static RouteGroupBuilder RequireLiveSession(this RouteGroupBuilder group) => group.AddEndpointFilter(static async (context, next) =>
    {
        var http = context.HttpContext;
        var me = http.User.Identity();
        var dbman = http.RequestServices.GetRequiredService<DbmanClient>();
        var sessions = await dbman.Sessions.ListAsync(me.Tenant, me.User, after: null, Limits.Page, http.RequestAborted);
        return sessions switch
        {
            { IsSuccess: false } => Problems.From(sessions.Problem),
            _ when sessions.Value.Items.Any(session => session.Id == me.Session) => await next(context),
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
