using System.Net;
using System.Net.Sockets;

namespace AppHost.Stores;

/// <summary>
/// Ports for servers that are started in a moment, or stopped and started again. They lie below those that the system gives to outgoing connections, any
/// of which could otherwise take the port before the server does.
/// </summary>
internal static class LoopbackPorts
{
    /// <summary>So far above its port for clients, a server of a Redis Cluster takes another one for the cluster's bus.</summary>
    public const int ClusterBus = 10_000;

    private const int Lowest = 10_000;

    /// <summary>Where Linux begins with outgoing connections; others begin higher.</summary>
    private const int End = 32_768;

    private const int MaxTries = 1_000;

    /// <summary>A port of 127.0.0.1 on which nobody listens.</summary>
    /// <param name="another">So far above it is another one that the server takes; 0: none.</param>
    /// <exception cref="InvalidOperationException">No port is free.</exception>
    public static int Free(int another = 0)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var port = Random.Shared.Next(Lowest, End - another);
            if (IsFree(port) && (another == 0 || IsFree(port + another)))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No port of 127.0.0.1 between {Lowest} and {End} is free: {MaxTries} were tried.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
