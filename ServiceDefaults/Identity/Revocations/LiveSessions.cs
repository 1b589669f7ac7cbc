using Contracts;
using Contracts.Dbman;
using Contracts.Results;

namespace ServiceDefaults.Identity.Revocations;

/// <summary>
/// Asks dbman whether a session is live. For rare requests for which a cached answer is too old: changes of passwords and sessions, and what
/// operators do.
/// </summary>
public sealed class LiveSessions(DbmanClient dbman)
{
    /// <summary>
    /// Whether the token's session is live, or why that cannot be determined now. A user has at most <see cref="Contracts.Limits.Page"/> live
    /// sessions, so one page holds them all.
    /// </summary>
    public async Task<ServiceResult<bool>> IsLiveAsync(UserIdentity user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        var sessions = await dbman.Sessions.ListAsync(user.Tenant, user.User, after: null, Contracts.Limits.Page, cancellationToken);
        return sessions switch
        {
            { IsSuccess: true } => sessions.Value.Items.Any(session => session.Id == user.Session),
            { Problem.Type: ProblemTypes.UserNotFound } => false,
            _ => sessions.Problem,
        };
    }
}
