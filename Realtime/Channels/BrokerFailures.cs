using System.Net.Sockets;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>What the client library throws when the broker cannot be reached, or is lost on the way.</summary>
internal static class BrokerFailures
{
    /// <summary>
    /// Whether the broker is the cause. The library hands on whatever broke its connection to all who wait for an answer on it, also what its pipes
    /// and sockets throw at each other then.
    /// </summary>
    public static bool IsOfBroker(this Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or InvalidOperationException or IOException or SocketException;
}
