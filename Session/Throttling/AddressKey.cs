using System.Buffers.Binary;
using System.Net;
using ServiceDefaults.Limits;

namespace Session.Throttling;

/// <summary>
/// The part of an address by which callers are distinguished: IPv4 as it is, IPv6 by its first 64 bits, the least that a subscriber gets.
/// </summary>
internal readonly record struct AddressKey(UInt128 Value)
{
    /// <summary>No address (a test host) is one of its own.</summary>
    public static AddressKey Of(IPAddress? address) => new(PartyKey.OfAddress(address).Address);

    /// <inheritdoc cref="Of(IPAddress?)"/>
    public static AddressKey Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    /// <summary>As an address is written.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        var address = new IPAddress(bytes);
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }
}
