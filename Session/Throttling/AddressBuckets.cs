using System.Collections.Concurrent;

namespace Session.Throttling;

/// <summary>
/// A token bucket an address. Buckets that are full again are forgotten; when as many addresses as allowed are active, further ones share a bucket, so that memory is bounded whatever
/// comes in.
/// </summary>
internal sealed class AddressBuckets
{
    private readonly ConcurrentDictionary<AddressKey, Bucket> _buckets = new();
    private readonly Bucket _shared;
    private readonly int _burst;
    private readonly double _perSecond;
    private readonly int _maxAddresses;
    private readonly TimeProvider _time;

    // When the last sweep began, in ticks of the time provider; one caller wins each.
    private long _sweptAt;

    public AddressBuckets(int burst, double perSecond, int maxAddresses, TimeProvider time)
    {
        _burst = burst;
        _perSecond = perSecond;
        _maxAddresses = maxAddresses;
        _time = time;
        _sweptAt = time.GetTimestamp();
        _shared = new Bucket(burst, _sweptAt);
    }

    /// <summary>Addresses that are told apart now.</summary>
    public int Count => _buckets.Count;

    /// <summary>Takes one from the address's allowance; null when there was one, else how long to wait.</summary>
    public TimeSpan? Take(AddressKey address)
    {
        var now = _time.GetTimestamp();
        var bucket = Find(address, now);
        lock (bucket)
        {
            var level = LevelAt(bucket, now);
            bucket.At = now;
            if (level >= 1)
            {
                bucket.Level = level - 1;
                return null;
            }

            bucket.Level = level;
            return TimeSpan.FromSeconds((1 - level) / _perSecond);
        }
    }

    /// <summary>Gives back one that was taken.</summary>
    public void Return(AddressKey address)
    {
        var now = _time.GetTimestamp();
        var bucket = Find(address, now);
        lock (bucket)
        {
            bucket.Level = Math.Min(_burst, LevelAt(bucket, now) + 1);
            bucket.At = now;
        }
    }

    private Bucket Find(AddressKey address, long now)
    {
        if (_buckets.TryGetValue(address, out var bucket))
        {
            return bucket;
        }

        // Count before add: callers that race may pass the bound by as many as they are.
        return _buckets.Count < _maxAddresses || Sweep(now)
            ? _buckets.GetOrAdd(address, static (_, state) => new Bucket(state.Burst, state.now), (Burst: _burst, now))
            : _shared;
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
                    if (LevelAt(bucket, now) >= _burst)
                    {
                        _buckets.TryRemove(new KeyValuePair<AddressKey, Bucket>(key, bucket));
                    }
                }
            }
        }

        return _buckets.Count < _maxAddresses;
    }

    private double LevelAt(Bucket bucket, long now) =>
        Math.Min(_burst, bucket.Level + (Math.Max(0, _time.GetElapsedTime(bucket.At, now).TotalSeconds) * _perSecond));

    private sealed class Bucket(double level, long at)
    {
        // Both under the bucket's own lock.
        public double Level = level;
        public long At = at;
    }
}
