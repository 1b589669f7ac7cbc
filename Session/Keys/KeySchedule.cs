using Contracts.Sessions;

namespace Session.Keys;

/// <summary>
/// When the next key is due, and for when. Times of a key, old above new:
/// <code>
/// old   signs ----------------------------| SignsUntil
/// new            made, published ---| NotBefore, signs --------- ...
///                |-- PublishAhead --|-- PublishAhead --|
/// </code>
/// A key is made two periods of PublishAhead before the last one stops, so that dbman may be away for one of them without any effect.
/// <para>
/// Two replicas that find a key due at once both try to add theirs. Each names the time that the stored keys reach
/// (<see cref="AddSigningKeyRequest.UnlessSignsUntil"/>): the first one's key reaches past it, so the second is refused and reads the first one's.
/// </para>
/// </summary>
internal static class KeySchedule
{
    /// <summary>
    /// How long a key is published before it signs: by then every validator has read it, which they do every few minutes. The least signing period
    /// is four times as long.
    /// </summary>
    public static readonly TimeSpan PublishAhead = TimeSpan.FromMinutes(30);

    /// <summary>How long a key stays published after the last token it signed has expired: room for clocks that differ.</summary>
    public static readonly TimeSpan PublishAfter = TimeSpan.FromMinutes(5);

    /// <summary>The key to make now, or null.</summary>
    /// <param name="stored">Every stored key, with whether this replica can sign with it (its private half can be decrypted).</param>
    /// <param name="now">Present time.</param>
    /// <param name="tokenLifetime">Life of the tokens that keys sign.</param>
    /// <param name="options">Periods.</param>
    public static PlannedKey? Plan(
        IEnumerable<(SigningKeyRecord Key, bool Usable)> stored, DateTimeOffset now, TimeSpan tokenLifetime, SigningKeyOptions options)
    {
        // Whole seconds: what is stored is what was meant, independent of the database's precision.
        now = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var reach = now;
        DateTimeOffset? usableReach = null;
        foreach (var (key, usable) in stored)
        {
            reach = Max(reach, key.SignsUntil);
            if (usable && key.SignsUntil > now)
            {
                usableReach = Max(usableReach ?? key.SignsUntil, key.SignsUntil);
            }
        }

        if (usableReach - now > PublishAhead * 2)
        {
            return null;
        }

        // Without a usable key nobody can log in: then the new one signs at once, and validators fetch it when they first meet it.
        var notBefore = usableReach is { } end ? Min(now + PublishAhead, end) : now;
        var unless = reach + TimeSpan.FromSeconds(1);
        var signsUntil = Max(notBefore + options.SigningPeriod, unless);
        return new PlannedKey(notBefore, signsUntil, signsUntil + tokenLifetime + PublishAfter, unless);
    }

    private static DateTimeOffset Max(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static DateTimeOffset Min(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}

/// <summary>Times of a key that is due.</summary>
internal sealed record PlannedKey(DateTimeOffset NotBefore, DateTimeOffset SignsUntil, DateTimeOffset PublishedUntil, DateTimeOffset UnlessSignsUntil);
