using System.Globalization;
using Contracts;
using Microsoft.Extensions.Options;
using ServiceDefaults.Drain;

namespace Realtime.Sockets;

/// <summary>
/// Closes the connections of a node that shuts down, one after the other over most of the time there is. Each gets a delay before it reconnects, so
/// that the other nodes meet a stream and not a wave.
/// </summary>
internal sealed class SocketDrain(SocketHub hub, ConnectionServices services, IOptions<DrainOptions> options) : IDrainParticipant
{
    /// <summary>The rest of the time is for the goodbyes to be answered.</summary>
    private const double ShareOfTimeout = 0.6;

    /// <summary>Few connections need no long goodbye: at most this many are moved a second before the time is stretched.</summary>
    private const double PerSecond = 200;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan MaxHint = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var connections = hub.Connections.ToArray();
        Random.Shared.Shuffle(connections);
        var longest = options.Value.Timeout * ShareOfTimeout;
        var needed = TimeSpan.FromSeconds(connections.Length / PerSecond);
        var spread = needed < longest ? needed : longest;
        services.Logger.DrainingConnections(connections.Length, spread);
        var steps = Math.Max(1, (int)(spread / Step));
        for (var step = 0; step < steps; step++)
        {
            var from = (int)((long)connections.Length * step / steps);
            var to = (int)((long)connections.Length * (step + 1) / steps);
            foreach (var connection in connections.AsSpan(from..to))
            {
                var hint = (int)(Random.Shared.NextDouble() * MaxHint.TotalMilliseconds);
                connection.Close(CloseCodes.Draining, hint.ToString(CultureInfo.InvariantCulture));
            }

            if (step + 1 < steps)
            {
                await Task.Delay(Step, services.Time, cancellationToken);
            }
        }

        while (hub.Count > 0)
        {
            // Each ends by itself within the close timeout.
            await Task.Delay(Step, services.Time, cancellationToken);
        }
    }
}
