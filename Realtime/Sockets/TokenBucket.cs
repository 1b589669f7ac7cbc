namespace Realtime.Sockets;

/// <summary>A burst of tokens, refilled at a constant rate. Not thread-safe.</summary>
internal sealed class TokenBucket(double perSecond, int burst, TimeProvider time)
{
    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Whether nothing was taken for so long that the bucket is full.</summary>
    public bool IsFull { get; private set; } = true;

    /// <summary>Takes a token; if the bucket is empty, <paramref name="wait"/> says when the next one comes.</summary>
    public bool TryTake(out TimeSpan wait)
    {
        var now = time.GetTimestamp();
        var filled = _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
        _filledAt = now;
        IsFull = filled >= burst;
        _tokens = Math.Min(burst, filled);
        if (_tokens < 1)
        {
            wait = TimeSpan.FromSeconds((1 - _tokens) / perSecond);
            return false;
        }

        _tokens--;
        wait = TimeSpan.Zero;
        return true;
    }
}
