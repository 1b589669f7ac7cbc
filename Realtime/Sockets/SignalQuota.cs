using Microsoft.Extensions.Options;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;

namespace Realtime.Sockets;

/// <summary>Counts signals by user and tenant, and their bytes by user and room. A signal that is refused counts for nothing.</summary>
internal sealed class SignalQuota(IOptions<SignalOptions> options, TimeProvider time)
{
    /// <summary>Users, tenants and rooms of users that are counted apart: about 20 MB.</summary>
    private const int MaxKeys = 200_000;

    private readonly SignalOptions _options = options.Value;

    // With a room: the bytes of a user in it. Without: the signals of a user or tenant.
    private readonly RateBuckets<(PartyKey Party, string? Room)> _buckets = new(MaxKeys, time);

    /// <summary>Null when the signal may be sent; else how long to wait.</summary>
    public TimeSpan? Take(UserIdentity identity, string room, int bytes)
    {
        var (user, tenant) = (PartyKey.OfUser(identity.Tenant, identity.User), PartyKey.OfTenant(identity.Tenant));
        return _buckets.Take(
            new((user, null), 1, _options.UserBurst, _options.UserPerSecond),
            new((tenant, null), 1, _options.TenantBurst, _options.TenantPerSecond),
            new((user, room), bytes, _options.RoomBytesBurst, _options.RoomBytesPerSecond))?.Wait;
    }
}
