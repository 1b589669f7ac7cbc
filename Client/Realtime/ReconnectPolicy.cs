using System.Globalization;
using Contracts;

namespace Client.Realtime;

/// <summary>
/// How long to wait before the next attempt: full jitter over an exponentially growing span, so that the clients of a lost node do not reconnect in
/// step. A draining node spreads its clients itself, by a hint in the close reason.
/// </summary>
internal sealed class ReconnectPolicy(RealtimeOptions options, Random random)
{
    /// <summary>Past 2^16 the doubled span is beyond any sensible maximum.</summary>
    private const int MaxDoublings = 16;

    /// <param name="attempt">Failures in a row, from 1.</param>
    /// <param name="closeCode">Close code of the loss, if there was one.</param>
    /// <param name="reason">Close reason.</param>
    public TimeSpan Wait(int attempt, int? closeCode, string? reason)
    {
        if (closeCode == CloseCodes.Draining
            && int.TryParse(reason, NumberStyles.None, CultureInfo.InvariantCulture, out var hint))
        {
            return TimeSpan.FromMilliseconds(Math.Min(hint, options.ReconnectMax.TotalMilliseconds));
        }

        var span = options.ReconnectMin * Math.Pow(2, Math.Min(attempt - 1, MaxDoublings));
        if (span > options.ReconnectMax)
        {
            span = options.ReconnectMax;
        }

        return span * random.NextDouble();
    }
}
