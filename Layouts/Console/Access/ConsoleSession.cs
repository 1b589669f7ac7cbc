using System.Security.Claims;
using Contracts.Dbman;
using Contracts.Results;
using Contracts.Users;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;

namespace Layouts.Console.Access;

/// <summary>
/// The operator of one open page. A page may stay open for hours, and its cookie says what was true at sign-in: so it is asked, now and then and
/// before each act, whether the ticket has run out, whether the session was ended, and whether the user is still an operator.
/// </summary>
internal sealed class ConsoleSession(AuthenticationStateProvider state, IAuthorizationService authorization, DbmanClient dbman, TimeProvider time)
{
    /// <summary>Why this session may no longer see or do anything; null: it may. Once over, it stays over.</summary>
    public string? Ended { get; private set; }

    public async Task<ClaimsPrincipal> UserAsync() => (await state.GetAuthenticationStateAsync()).User;

    /// <summary>Asks; the answer is <see cref="Ended"/>, unless nobody could be asked.</summary>
    public async Task<ServiceResult<ClaimsPrincipal>> CheckAsync(CancellationToken cancellationToken)
    {
        var user = await UserAsync();
        Ended ??= !(await authorization.AuthorizeAsync(user, ConsoleTicket.Policy)).Succeeded ? "You are not an operator."
            : ConsoleTicket.ExpiresOf(user) <= time.GetUtcNow() ? "Your console session has expired."
            : null;
        if (Ended is null && ServiceDefaults.Identity.ClaimsPrincipalExtensions.TryGetIdentity(user) is { } identity)
        {
            var sessions = await dbman.Sessions.ListAsync(identity.Tenant, identity.User, after: null, Contracts.Limits.Page, cancellationToken);
            if (!sessions.TryGet(out var live, out var problem))
            {
                return problem;
            }

            var record = await dbman.Directory.GetUserAsync(identity.Tenant, identity.User, cancellationToken);
            if (record.Problem is { Status: not StatusCodes.Status404NotFound } failed)
            {
                return failed;
            }

            Ended = !live.Items.Any(session => session.Id == identity.Session) ? "Your session was ended."
                : !record.IsSuccess || record.Value.Role != TenantRoles.Admin ? "You are no longer an operator."
                : null;
        }

        return Ended is null
            ? user
            : new ServiceProblem(StatusCodes.Status401Unauthorized, Contracts.ProblemTypes.Unauthenticated, "Signed out", Ended);
    }
}
