using Contracts.Public;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;
using Session.Sessions;
using Session.Throttling;

namespace Session.Accounts;

/// <summary>Tenants, users, and what a user does with its own account.</summary>
internal static class AccountEndpoints
{
    /// <summary>Rate limit of new tenants, each of which comes with storage of its own.</summary>
    public const string SignUpRate = "tenants";

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("").AllowAnonymous().WithSmallBody().LimitByAddress();
        open.MapPost(SessionRoutes.Tenants, Registration.SignUpAsync).RequireRateLimit(SignUpRate);
        open.MapPost(SessionRoutes.Register, Registration.RegisterAsync);

        var own = routes.MapGroup("").RequireAuthorization(Policies.User).WithSmallBody().LimitByAddress().RequireLiveSession();
        own.MapPost(SessionRoutes.Users, Registration.CreateUserAsync);
        own.MapPut(SessionRoutes.Password, OwnAccount.ChangePasswordAsync);
        own.MapPut(SessionRoutes.Me, OwnAccount.ChangeNameAsync);
        own.MapPut(SessionRoutes.UserPassword, UserAdministration.ResetPasswordAsync);
        own.MapPut(SessionRoutes.UserActive, UserAdministration.SetActiveAsync);
        own.MapPut(SessionRoutes.UserRole, UserAdministration.SetRoleAsync);
        own.MapPost(SessionRoutes.RemoveMe, UserRemoval.RemoveMeAsync);
        own.MapDelete(SessionRoutes.User, UserRemoval.RemoveAsync);

        var reading = routes.MapGroup("").RequireAuthorization(Policies.User).RequireLiveSession();
        reading.MapGet(SessionRoutes.Me, OwnAccount.GetAsync);
        reading.MapGet(SessionRoutes.Users, UserDirectory.ListAsync);
        reading.MapGet(SessionRoutes.User, UserDirectory.GetAsync);
    }
}
