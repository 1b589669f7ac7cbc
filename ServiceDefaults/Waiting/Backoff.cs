namespace ServiceDefaults.Waiting;

/// <summary>
/// Waits that double from <paramref name="First"/> up to <paramref name="Longest"/>, each spread over its upper half so that callers do not retry
/// together.
/// </summary>
public sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>
    /// The wait after attempt number <paramref name="attempt"/> (1, 2, ...); at least what the server requested, within <see cref="Longest"/>.
    /// </summary>
    public TimeSpan Wait(int attempt, TimeSpan? asked = null)
    {
        // 2^20 times the first wait is past any bound that the options allow, and stays clear of overflow.
        var doubled = First * Math.Pow(2, Math.Min(attempt - 1, 20));
        var wait = doubled < Longest ? doubled : Longest;
        wait *= 0.5 + (Random.Shared.NextDouble() / 2);
        return asked is { } least && least > wait ? (least < Longest ? least : Longest) : wait;
    }
}
