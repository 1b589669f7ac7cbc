using Contracts.Public;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Session.Revocations;

internal static class RevocationAnswers
{
    /// <summary>Notifies of sessions that ended, and answers with their ids.</summary>
    public static Ok<SessionsRevokedResponse> NotifyAndAnswer(this RevocationNotifier revocations, string tenant, string user, IReadOnlyList<string> sessions, string reason)
    {
        revocations.Notify(tenant, user, sessions, reason);
        return TypedResults.Ok(new SessionsRevokedResponse(sessions));
    }
}
