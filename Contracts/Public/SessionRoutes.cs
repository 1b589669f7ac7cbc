namespace Contracts.Public;

/// <summary>Public routes of the session service.</summary>
public static class SessionRoutes
{
    /// <summary>POST: sign up a tenant.</summary>
    public const string Tenants = "/v1/tenants";

    /// <summary>POST: register a user, where the tenant lets everybody.</summary>
    public const string Register = Tenants + "/{tenant}/users";

    /// <summary>
    /// GET: the tenant's users by name (<c>prefix</c>, <c>after</c>, <c>limit</c>; <c>deactivated=true</c> for admins). POST: an admin creates a user
    /// of its tenant.
    /// </summary>
    public const string Users = "/v1/users";

    /// <summary>GET: a user, also one that was removed. DELETE: an admin removes a user, for good.</summary>
    public const string User = Users + "/{user}";

    /// <summary>PUT: an admin sets a user's password, which ends all of its sessions.</summary>
    public const string UserPassword = Users + "/{user}/password";

    /// <summary>PUT: an admin activates or deactivates a user, which ends all of its sessions.</summary>
    public const string UserActive = Users + "/{user}/active";

    /// <summary>PUT: an admin makes a user an admin, or no longer one, which ends all of its sessions.</summary>
    public const string UserRole = Users + "/{user}/role";

    /// <summary>POST.</summary>
    public const string Login = "/v1/login";

    /// <summary>POST.</summary>
    public const string Refresh = "/v1/refresh";

    /// <summary>POST: ends the session of the token that comes with the request.</summary>
    public const string Logout = "/v1/logout";

    /// <summary>GET: the caller's sessions. DELETE: ends all but the present one.</summary>
    public const string Sessions = "/v1/sessions";

    /// <summary>DELETE: ends one session.</summary>
    public const string Session = Sessions + "/{session}";

    /// <summary>GET: who the caller is. PUT: change of display name.</summary>
    public const string Me = "/v1/me";

    /// <summary>POST: the caller removes itself, for good, with its password.</summary>
    public const string RemoveMe = Me + "/remove";

    /// <summary>PUT: change of password.</summary>
    public const string Password = Me + "/password";

    /// <summary>GET: public keys that access tokens are checked with.</summary>
    public const string Jwks = "/.well-known/jwks.json";
}
