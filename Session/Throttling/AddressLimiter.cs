using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Session.Throttling;

/// <summary>
/// A token bucket an address. IPv6 counts by /64, the least that a subscriber gets. Buckets that are full again are forgotten; when as many addresses as
/// allowed are active, further ones share a bucket, so that memory is bounded whatever comes in.
/// </summary>
internal sealed class AddressLimiter
{
    private readonly ConcurrentDictionary<UInt128, Bucket> _buckets = new();
    private readonly Bucket _shared;
    private readonly AddressLimitOptions _options;
    private readonly TimeProvider _time;

    // When the last sweep began, in ticks of the time provider; one caller wins each.
    private long _sweptAt;

    public AddressLimiter(IOptions<AddressLimitOptions> options, TimeProvider time, SessionTelemetry telemetry)
    {
        _options = options.Value;
        _time = time;
        _sweptAt = time.GetTimestamp();
        _shared = new Bucket(_options.Burst, _sweptAt);
        telemetry.ObserveAddresses(() => _buckets.Count);
    }

    /// <summary>Takes one call from the address's allowance; null when there was one, else how long to wait.</summary>
    public TimeSpan? Take(IPAddress? address)
    {
        var now = _time.GetTimestamp();
        var key = Key(address);
        if (!_buckets.TryGetValue(key, out var bucket))
        {
            // Count before add: callers that race may pass the bound by as many as they are.
            bucket = _buckets.Count < _options.MaxAddresses || Sweep(now)
                ? _buckets.GetOrAdd(key, static (_, state) => new Bucket(state.Burst, state.now), (_options.Burst, now))
                : _shared;
        }

        return Take(bucket, now);
    }

    private TimeSpan? Take(Bucket bucket, long now)
    {
        lock (bucket)
        {
            var level = bucket.LevelAt(now, _options, _time);
            bucket.At = now;
            if (level >= 1)
            {
                bucket.Level = level - 1;
                return null;
            }

            bucket.Level = level;
            return TimeSpan.FromSeconds((1 - level) / _options.PerSecond);
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
                    if (bucket.LevelAt(now, _options, _time) >= _options.Burst)
                    {
                        _buckets.TryRemove(new KeyValuePair<UInt128, Bucket>(key, bucket));
                    }
                }
            }
        }

        return _buckets.Count < _options.MaxAddresses;
    }

    /// <summary>IPv4 as the mapped IPv6 address; IPv6 by its first 64 bits; no address (a test host) is one of its own.</summary>
    private static UInt128 Key(IPAddress? address)
    {
        if (address is null)
        {
            return UInt128.Zero;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        var key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6 ? key >> 64 << 64 : key;
    }

    private sealed class Bucket(double level, long at)
    {
        // Both under the bucket's own lock.
        public double Level = level;
        public long At = at;

        public double LevelAt(long now, AddressLimitOptions options, TimeProvider time) =>
            Math.Min(options.Burst, Level + (Math.Max(0, time.GetElapsedTime(At, now).TotalSeconds) * options.PerSecond));
    }
}
