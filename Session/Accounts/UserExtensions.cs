using Contracts.Public;
using Contracts.Tenants;
using Contracts.Users;

namespace Session.Accounts;

/// <summary>Stored records as applications see them.</summary>
internal static class UserExtensions
{
    public static UserInfo ToInfo(this UserRecord user) => new(user.Id, user.Username, user.DisplayName, user.Role, user.CreatedAt, user.Status);

    public static TenantInfo ToInfo(this TenantRecord tenant) => new(tenant.Id, tenant.Name, tenant.OpenRegistration);
}
