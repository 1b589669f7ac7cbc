using System.Net;
using Microsoft.Extensions.Options;

namespace Session.Throttling;

/// <summary>How often one address may call.</summary>
internal sealed class AddressLimiter
{
    private readonly AddressBuckets _buckets;

    public AddressLimiter(IOptions<AddressLimitOptions> options, TimeProvider time, SessionTelemetry telemetry)
    {
        _buckets = new AddressBuckets(options.Value.Burst, options.Value.PerSecond, options.Value.MaxAddresses, time);
        telemetry.ObserveAddresses(() => _buckets.Count);
    }

    /// <summary>Takes one call from the address's allowance; null when there was one, else how long to wait.</summary>
    public TimeSpan? Take(IPAddress? address) => _buckets.Take(AddressKey.Of(address));
}
