using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Identity;

namespace ServiceDefaults.Limits;

/// <summary>Who a request counts against: its user, that user's tenant, and the address that it comes from. A request without a user counts against its address alone.</summary>
/// <param name="User">The user; null without one.</param>
/// <param name="Tenant">The user's tenant; null without a user.</param>
/// <param name="Address">The address; see <see cref="PartyKey.OfAddress"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CallerKeys(PartyKey? User, PartyKey? Tenant, PartyKey Address)
{
    /// <summary>The caller of a request, once authentication has run.</summary>
    public static CallerKeys Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Of(context.User.TryGetIdentity(), context.Connection.RemoteIpAddress);
    }

    /// <summary>A user, or an anonymous caller, at an address.</summary>
    public static CallerKeys Of(UserIdentity? identity, IPAddress? address) => new(
        identity is null ? null : PartyKey.OfUser(identity.Tenant, identity.User),
        identity is null ? null : PartyKey.OfTenant(identity.Tenant),
        PartyKey.OfAddress(address));
}

/// <summary>One user, tenant or address.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Tenant">The tenant; empty for an address.</param>
/// <param name="Name">The user; empty for a tenant or an address.</param>
/// <param name="Address">The address; zero for the others.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PartyKey(PartyKind Kind, string Tenant, string Name, UInt128 Address)
{
    /// <summary>A user of a tenant.</summary>
    public static PartyKey OfUser(string tenant, string user) => new(PartyKind.User, tenant, user, UInt128.Zero);

    /// <summary>A tenant.</summary>
    public static PartyKey OfTenant(string tenant) => new(PartyKind.Tenant, tenant, "", UInt128.Zero);

    /// <summary>IPv4 as the mapped IPv6 address; IPv6 by its first 64 bits, the least that a subscriber gets; no address (a test host) is one of its own.</summary>
    public static PartyKey OfAddress(IPAddress? address)
    {
        if (address is null)
        {
            return new PartyKey(PartyKind.Address, "", "", UInt128.Zero);
        }

        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        var key = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new PartyKey(
            PartyKind.Address, "", "", address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6 ? key >> 64 << 64 : key);
    }
}

/// <summary>What requests are counted by.</summary>
public enum PartyKind
{
    /// <summary>A user.</summary>
    User,

    /// <summary>A tenant.</summary>
    Tenant,

    /// <summary>An address.</summary>
    Address,
}
