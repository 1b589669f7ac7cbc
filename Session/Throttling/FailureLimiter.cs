using Microsoft.Extensions.Options;
using ServiceDefaults.Limits;
using Session.Logins;

namespace Session.Throttling;

/// <summary>
/// How often one address may fail to log in, counting all names: trying one password on many names is slowed down, too. A place is taken before the
/// password is checked and given back unless it was wrong, so that guesses that come at once are bounded like others.
/// </summary>
internal sealed class FailureLimiter
{
    private readonly RateBuckets<AddressKey> _buckets;
    private readonly ThrottleOptions _options;

    public FailureLimiter(IOptions<ThrottleOptions> options, IOptions<AddressLimitOptions> addresses, TimeProvider time)
    {
        _options = options.Value;
        _buckets = new RateBuckets<AddressKey>(addresses.Value.MaxAddresses, time);
    }

    /// <summary>Takes one failure from the address's allowance; null when there was one, else how long to wait.</summary>
    public TimeSpan? Take(AddressKey address) => _buckets.Take(new Draw<AddressKey>(address, 1, _options.AddressFailures, 1 / _options.AddressFailureInterval.TotalSeconds))?.Wait;

    /// <summary>It was none.</summary>
    public void Return(AddressKey address) => _buckets.Return(address, 1);
}
