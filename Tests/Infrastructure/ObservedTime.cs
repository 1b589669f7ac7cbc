using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Infrastructure;

/// <summary>
/// A clock that only the test advances, and that reports which waits begin: a test advances it only once the code waits, or the wait would begin
/// after the advance and never end.
/// </summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>The next wait that begins, in order.</summary>
    public ValueTask<TimeSpan> NextWaitAsync(CancellationToken cancellationToken) => _waits.Reader.ReadAsync(cancellationToken);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until a wait of this length begins, skipping the others.</summary>
    public async Task WaitBegunAsync(TimeSpan length)
    {
        var others = new List<TimeSpan>();
        try
        {
            while (true)
            {
                var wait = await NextWaitAsync(TestContext.Current.CancellationToken)
                    .AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

                // Task.Delay counts whole milliseconds.
                if ((long)wait.TotalMilliseconds == (long)length.TotalMilliseconds)
                {
                    return;
                }

                others.Add(wait);
            }
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Nobody waits for {length}; waits begun: {string.Join(", ", others)}.", exception);
        }
    }

    /// <summary>Waits until a wait of this length begins, then lets it expire.</summary>
    public async Task ElapseAsync(TimeSpan length)
    {
        if (length < TimeSpan.FromMilliseconds(1))
        {
            // Task.Delay does not wait at all for that.
            return;
        }

        await WaitBegunAsync(length);
        Advance(length);
    }
}
