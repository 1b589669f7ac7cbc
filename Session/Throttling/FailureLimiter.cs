using Microsoft.Extensions.Options;
using Session.Logins;

namespace Session.Throttling;

/// <summary>
/// How often one address may fail to log in, whatever the names: who tries one password on many names is slowed down, too. A place is taken before the password is checked and given back
/// unless it was wrong, so that guesses that come at once are bounded like others.
/// </summary>
internal sealed class FailureLimiter
{
    private readonly AddressBuckets _buckets;

    public FailureLimiter(IOptions<ThrottleOptions> options, IOptions<AddressLimitOptions> addresses, TimeProvider time)
    {
        var interval = options.Value.AddressFailureInterval;
        _buckets = new AddressBuckets(options.Value.AddressFailures, 1 / interval.TotalSeconds, addresses.Value.MaxAddresses, time);
    }

    /// <summary>Takes one failure from the address's allowance; null when there was one, else how long to wait.</summary>
    public TimeSpan? Take(AddressKey address) => _buckets.Take(address);

    /// <summary>It was none.</summary>
    public void Return(AddressKey address) => _buckets.Return(address);
}
