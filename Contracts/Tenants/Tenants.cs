using Contracts.Users;

namespace Contracts.Tenants;

/// <summary>A tenant as stored.</summary>
/// <param name="Id">Unique everywhere.</param>
/// <param name="Name">For people.</param>
/// <param name="OpenRegistration">Whether anybody may register a user.</param>
/// <param name="StorageQuota">Bytes that the tenant's files may take.</param>
/// <param name="CreatedAt">Database time.</param>
public sealed record TenantRecord(string Id, string Name, bool OpenRegistration, long StorageQuota, DateTimeOffset CreatedAt);

/// <summary>Creates a tenant together with its first user, an admin, or neither.</summary>
public sealed record CreateTenantRequest(string Id, string Name, bool OpenRegistration, long StorageQuota, CreateUserRequest Admin);

/// <summary>The tenant and its admin.</summary>
public sealed record CreateTenantResponse(TenantRecord Tenant, UserRecord Admin);
