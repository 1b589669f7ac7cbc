using System.Net;
using Microsoft.Extensions.Options;
using ServiceDefaults.Limits;

namespace Session.Throttling;

/// <summary>How often one address may call.</summary>
internal sealed class AddressLimiter
{
    private readonly RateBuckets<AddressKey> _buckets;
    private readonly AddressLimitOptions _options;

    public AddressLimiter(IOptions<AddressLimitOptions> options, TimeProvider time, SessionTelemetry telemetry)
    {
        _options = options.Value;
        _buckets = new RateBuckets<AddressKey>(_options.MaxAddresses, time);
        telemetry.ObserveAddresses(() => _buckets.Count);
    }

    /// <summary>Takes one call from the address's allowance; null when there was one, else how long to wait.</summary>
    public TimeSpan? Take(IPAddress? address) => _buckets.Take(new Draw<AddressKey>(AddressKey.Of(address), 1, _options.Burst, _options.PerSecond))?.Wait;
}
