namespace Tests.EndToEnd;

/// <summary>Asks again and again for what no event announces, and says what it saw last when time is up.</summary>
internal static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Calls <paramref name="obstacle"/> until it returns null.</summary>
    /// <exception cref="TimeoutException">The token ended first; the message is the last obstacle.</exception>
    public static async Task UntilAsync(Func<Task<string?>> obstacle, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        string? last = null;
        try
        {
            while ((last = await obstacle()) is not null)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException(last ?? "The condition was never asked for in time.", exception);
        }
    }
}
