using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Free TCP ports, handed out once per process. They lie below the range that systems take outgoing ports from, so that nobody's connection
/// takes one between its choice and its use.
/// </summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int End = 32_000;
    private static readonly Lock Lock = new();
    private static readonly HashSet<int> Used = [];

    public static int Allocate()
    {
        lock (Lock)
        {
            for (var tries = 0; tries < End - First; tries++)
            {
                var port = Random.Shared.Next(First, End);
                if (!Used.Contains(port) && IsFree(port))
                {
                    Used.Add(port);
                    return port;
                }
            }
        }

        throw new DistributedApplicationException($"No TCP port between {First} and {End} is free.");
    }

    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && CanBind(IPAddress.IPv6Loopback, port)
        && !IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(l => l.Port == port);

    private static bool CanBind(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            // A machine without IPv6 has nothing in the way there.
            return true;
        }
    }
}
