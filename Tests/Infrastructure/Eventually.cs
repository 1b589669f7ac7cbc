using System.Threading.Channels;

namespace Tests.Infrastructure;

/// <summary>Waits for what must happen, with a limit far longer than a busy machine needs, and a failure that carries the last state.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Polls until there is no obstacle: for states that no event announces.</summary>
    /// <exception cref="TimeoutException">The limit expired; the message is the last obstacle.</exception>
    public static async Task ClearAsync(Func<Task<string?>> obstacle)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        await ClearByAsync(limit.Token, obstacle);
    }

    /// <inheritdoc cref="ClearAsync(Func{Task{string}})"/>
    public static Task ClearAsync(Func<string?> obstacle) => ClearAsync(() => Task.FromResult(obstacle()));

    /// <summary>
    /// Waits until so much is done. The limit counts from the last progress: the total time depends on the machine, and only a standstill is a fault.
    /// </summary>
    /// <exception cref="TimeoutException">Nothing was done for so long; the message says how much was.</exception>
    public static async Task ReachAsync(Func<long> done, long goal, string what)
    {
        var (seen, since) = (long.MinValue, TimeProvider.System.GetTimestamp());
        using var tick = new PeriodicTimer(Interval, TimeProvider.System);
        while (done() is var now && now < goal)
        {
            if (now > seen)
            {
                (seen, since) = (now, TimeProvider.System.GetTimestamp());
            }
            else if (TimeProvider.System.GetElapsedTime(since) > Limit)
            {
                throw new TimeoutException($"{now} of {goal} {what}, and no more for {Limit}.");
            }

            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The same within a limit of the caller's: <paramref name="deadline"/> ends.</summary>
    /// <exception cref="TimeoutException">It ended first; the message is the last obstacle.</exception>
    public static async Task ClearByAsync(CancellationToken deadline, Func<Task<string?>> obstacle)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, TestContext.Current.CancellationToken);
        using var tick = new PeriodicTimer(Interval, TimeProvider.System);
        var last = "nothing was asked";
        try
        {
            while (await obstacle() is { } seen)
            {
                last = seen;
                await tick.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"Time is up, and: {last}", exception);
        }
    }

    /// <summary>The next event of a channel.</summary>
    public static async Task<T> NextAsync<T>(ChannelReader<T> events, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await events.ReadAsync(cancellationToken).AsTask().WaitAsync(Limit, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"No {what} within {Limit}.", exception);
        }
    }
}
