using Microsoft.Extensions.Options;
using ServiceDefaults.Identity;
using ServiceDefaults.Limits;

namespace Realtime.Sockets;

/// <summary>Counts signals by user and tenant, and their bytes by user and room. A signal that is refused counts for nothing.</summary>
internal sealed class SignalQuota(IOptions<SignalOptions> options, TimeProvider time)
{
    /// <summary>Users, tenants and rooms of users that are told apart: about 10 MB.</summary>
    private const int MaxKeys = 100_000;

    private readonly SignalOptions _options = options.Value;
    private readonly RateBuckets<PartyKey> _signals = new(MaxKeys, time);
    private readonly RateBuckets<(PartyKey User, string Room)> _bytes = new(MaxKeys, time);

    /// <summary>Null when the signal may be sent; else how long to wait.</summary>
    public TimeSpan? Take(UserIdentity identity, string room, int bytes)
    {
        var (user, tenant) = (PartyKey.OfUser(identity.Tenant, identity.User), PartyKey.OfTenant(identity.Tenant));
        if (_signals.Take(user, 1, _options.UserBurst, _options.UserPerSecond) is { } wait)
        {
            return wait;
        }

        if (_signals.Take(tenant, 1, _options.TenantBurst, _options.TenantPerSecond) is { } tenantWait)
        {
            _signals.Return(user, 1);
            return tenantWait;
        }

        if (_bytes.Take((user, room), bytes, _options.RoomBytesBurst, _options.RoomBytesPerSecond) is { } bytesWait)
        {
            _signals.Return(user, 1);
            _signals.Return(tenant, 1);
            return bytesWait;
        }

        return null;
    }
}
