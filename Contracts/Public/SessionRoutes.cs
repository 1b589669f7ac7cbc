namespace Contracts.Public;

/// <summary>Public routes of the session service.</summary>
public static class SessionRoutes
{
    /// <summary>POST: sign up a tenant.</summary>
    public const string Tenants = "/v1/tenants";

    /// <summary>POST: register a user, where the tenant lets everybody.</summary>
    public const string Register = Tenants + "/{tenant}/users";

    /// <summary>POST: an admin creates a user of its tenant.</summary>
    public const string Users = "/v1/users";

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

    /// <summary>GET: who the caller is.</summary>
    public const string Me = "/v1/me";

    /// <summary>PUT: change of password.</summary>
    public const string Password = Me + "/password";

    /// <summary>GET: public keys that access tokens are checked with.</summary>
    public const string Jwks = "/.well-known/jwks.json";
}
