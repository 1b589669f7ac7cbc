using System.Net.Sockets;
using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>What the client library throws when the broker cannot be reached, or is lost on the way.</summary>
internal static class BrokerFailures
{
    /// <summary>
    /// Whether the broker is the cause. The library fails all calls that wait on a connection with whatever broke it, also with exceptions of its
    /// pipes and sockets.
    /// </summary>
    public static bool IsOfBroker(this Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or InvalidOperationException or IOException or SocketException;
}
