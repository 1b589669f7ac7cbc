using Contracts.Public;
using ServiceDefaults.Identity;
using Session.Sessions;
using Session.Throttling;

namespace Session.Accounts;

/// <summary>Tenants, users, and what a user does with its own account.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("").AllowAnonymous().WithSmallBody().LimitByAddress();
        open.MapPost(SessionRoutes.Tenants, Registration.SignUpAsync);
        open.MapPost(SessionRoutes.Register, Registration.RegisterAsync);

        var own = routes.MapGroup("").RequireAuthorization(Policies.User).WithSmallBody().LimitByAddress().RequireLiveSession();
        own.MapPost(SessionRoutes.Users, Registration.CreateUserAsync);
        own.MapPut(SessionRoutes.Password, OwnAccount.ChangePasswordAsync);

        routes.MapGroup("").RequireAuthorization(Policies.User).RequireLiveSession().MapGet(SessionRoutes.Me, OwnAccount.GetAsync);
    }
}
