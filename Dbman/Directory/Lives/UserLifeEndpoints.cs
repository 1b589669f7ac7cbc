using Contracts;
using Contracts.Dbman;
using Contracts.Sessions;
using Contracts.Users;
using Dbman.Credentials;
using Dbman.Requests;
using ServiceDefaults.Errors;
using ServiceDefaults.Identity;

namespace Dbman.Directory.Lives;

/// <summary>Changes of users: name, activity, role, removal.</summary>
internal static class UserLifeEndpoints
{
    public static void MapUserLives(this RouteGroupBuilder routes)
    {
        var limited = routes.MapGroup("").AllowCallers(ServiceNames.Session).AddEndpointFilter<GateFilter>();
        limited.MapPut(DbmanRoutes.DisplayName, RenameAsync);
        limited.MapPut(DbmanRoutes.Active, SetActiveAsync);
        limited.MapPut(DbmanRoutes.Role, SetRoleAsync);
        limited.MapPost(DbmanRoutes.RemoveUser, RemoveAsync);
    }

    private static async Task<IResult> RenameAsync(string tenant, string user, RenameUserRequest request, UserLifeStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Text("displayName", request.DisplayName, Limits.Name);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        return await store.RenameAsync(tenant, user, request.DisplayName, cancellationToken) is { } renamed
            ? TypedResults.Ok(renamed)
            : DirectoryEndpoints.NoUser();
    }

    private static async Task<IResult> SetActiveAsync(string tenant, string user, SetUserActiveRequest request, UserLifeStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Text("reason", request.Reason, Limits.Name);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (verdict, revoked) = await store.SetActiveAsync(tenant, user, request, cancellationToken);
        return verdict == LifeVerdict.Ok ? TypedResults.Ok(new RevokeSessionsResponse(revoked)) : Refusal(verdict);
    }

    private static async Task<IResult> SetRoleAsync(string tenant, string user, SetUserRoleRequest request, UserLifeStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.That(request.Role is TenantRoles.Admin or TenantRoles.Member, "role", "must be 'admin' or 'member'.");
        check.Text("reason", request.Reason, Limits.Name);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (verdict, revoked) = await store.SetRoleAsync(tenant, user, request, cancellationToken);
        return verdict == LifeVerdict.Ok ? TypedResults.Ok(new RevokeSessionsResponse(revoked)) : Refusal(verdict);
    }

    private static async Task<IResult> RemoveAsync(string tenant, string user, RemoveUserRequest request, UserLifeStore store, CancellationToken cancellationToken)
    {
        var check = default(Check);
        check.Text("reason", request.Reason, Limits.Name);
        if (check.Problem is { } problem)
        {
            return problem;
        }

        var (verdict, response) = await store.RemoveAsync(tenant, user, request, cancellationToken);
        return verdict is LifeVerdict.Ok or LifeVerdict.More or LifeVerdict.Removed ? TypedResults.Ok(response) : Refusal(verdict);
    }

    private static ProblemResult Refusal(LifeVerdict verdict) => verdict switch
    {
        LifeVerdict.LastAdmin => Problems.Conflict("A tenant keeps at least one admin who may sign in.", ProblemTypes.LastAdmin),
        LifeVerdict.CredentialChanged => CredentialEndpoints.CredentialChanged(),
        _ => DirectoryEndpoints.NoUser(),
    };
}
