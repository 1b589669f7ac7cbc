using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ServiceDefaults.Limits;

/// <summary>What is taken from one allowance.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Cost">How much; more than the burst is never there.</param>
/// <param name="Burst">What may be taken at once after a pause.</param>
/// <param name="PerSecond">What comes back a second.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Draw<TKey>(TKey Key, double Cost, double Burst, double PerSecond)
    where TKey : struct;

/// <summary>
/// One token bucket per key. Buckets that are full again are evicted; when the maximum of keys is active, further ones share a bucket, so that memory
/// is always bounded.
/// </summary>
public sealed class RateBuckets<TKey>
    where TKey : struct
{
    private readonly ConcurrentDictionary<TKey, Bucket> _buckets = new();
    private readonly Bucket _shared = new();
    private readonly int _maxKeys;
    private readonly TimeProvider _time;

    // When the last sweep began, in ticks of the time provider; one caller wins each.
    private long _sweptAt;

    /// <param name="maxKeys">Keys with a bucket of their own.</param>
    /// <param name="time">The clock.</param>
    public RateBuckets(int maxKeys, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _maxKeys = maxKeys;
        _time = time;
        _sweptAt = time.GetTimestamp();
    }

    /// <summary>Keys that have a bucket of their own now.</summary>
    public int Count => _buckets.Count;

    /// <summary>Takes from all of these allowances, or from none where one has too little.</summary>
    /// <returns>Null when all had enough; else the first that had not, and how long to wait.</returns>
    public (TKey Short, TimeSpan Wait)? Take(params ReadOnlySpan<Draw<TKey>> draws)
    {
        for (var i = 0; i < draws.Length; i++)
        {
            if (TakeOne(draws[i]) is { } wait)
            {
                foreach (var taken in draws[..i])
                {
                    Return(taken.Key, taken.Cost);
                }

                return (draws[i].Key, wait);
            }
        }

        return null;
    }

    /// <summary>Gives back what was taken for something that did not happen.</summary>
    public void Return(TKey key, double cost)
    {
        var bucket = _buckets.GetValueOrDefault(key, _shared);
        lock (bucket)
        {
            bucket.Missing = Math.Max(0, bucket.Missing - cost);
        }
    }

    private TimeSpan? TakeOne(in Draw<TKey> draw)
    {
        var now = _time.GetTimestamp();
        if (!_buckets.TryGetValue(draw.Key, out var bucket))
        {
            // Count before add: callers that race may pass the bound by as many as they are.
            bucket = _buckets.Count < _maxKeys || Sweep(now) ? _buckets.GetOrAdd(draw.Key, static _ => new Bucket()) : _shared;
        }

        lock (bucket)
        {
            bucket.Refill(now, draw.Burst, draw.PerSecond, _time);
            if (bucket.Missing + draw.Cost <= draw.Burst)
            {
                bucket.Missing += draw.Cost;
                return null;
            }

            return TimeSpan.FromSeconds(Math.Max(0, bucket.Missing + draw.Cost - draw.Burst) / draw.PerSecond);
        }
    }

    /// <summary>Forgets full buckets, at most once a second: a look at all of them is not free. Whether there is room now.</summary>
    private bool Sweep(long now)
    {
        var swept = Interlocked.Read(ref _sweptAt);
        if (_time.GetElapsedTime(swept, now) >= TimeSpan.FromSeconds(1) && Interlocked.CompareExchange(ref _sweptAt, now, swept) == swept)
        {
            foreach (var (key, bucket) in _buckets)
            {
                lock (bucket)
                {
                    // A caller that holds this bucket already takes from it unseen once: full buckets can afford that.
                    if (bucket.IsFull(now, _time))
                    {
                        _buckets.TryRemove(new KeyValuePair<TKey, Bucket>(key, bucket));
                    }
                }
            }
        }

        return _buckets.Count < _maxKeys;
    }

    /// <summary>Counts used tokens rather than free ones: a new bucket is full whatever its burst. All under its own lock.</summary>
    private sealed class Bucket
    {
        private long _at;
        private double _perSecond;

        public double Missing { get; set; }

        public void Refill(long now, double burst, double perSecond, TimeProvider time)
        {
            Missing = Math.Clamp(Missing - (_at == 0 ? 0 : Math.Max(0, time.GetElapsedTime(_at, now).TotalSeconds) * perSecond), 0, burst);
            _at = now;
            _perSecond = perSecond;
        }

        public bool IsFull(long now, TimeProvider time) => Missing - (Math.Max(0, time.GetElapsedTime(_at, now).TotalSeconds) * _perSecond) <= 0;
    }
}
