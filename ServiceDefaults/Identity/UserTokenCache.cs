using System.Collections.Concurrent;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>
/// Tokens whose signature was found right, so that a client's next request costs a hash instead of an elliptic curve (a hundred
/// times less). An entry says nothing about time or keys: the caller still checks that the token has not expired and
/// that the very key it was checked with is still published.
/// <para>Bounded by two generations: when the young one is full it becomes the old one, and what the old one held is forgotten unless
/// it was used meanwhile. Only valid tokens get in, so nobody can push others out without having as many tokens.</para>
/// </summary>
internal sealed class UserTokenCache(int capacity)
{
    private readonly int _generationSize = Math.Max(1, capacity / 2);
    private readonly Lock _gate = new();

    // Both replaced under _gate, read by every request.
    private volatile ConcurrentDictionary<TokenDigest, Entry> _young = new();
    private volatile ConcurrentDictionary<TokenDigest, Entry> _old = new();

    // Entries added to _young: counting the dictionary would take all of its locks.
    private int _added;

    public bool IsEnabled => capacity > 0;

    public Entry? Find(in TokenDigest digest)
    {
        if (_young.TryGetValue(digest, out var entry))
        {
            return entry;
        }

        if (_old.TryGetValue(digest, out entry))
        {
            Add(digest, entry);
            return entry;
        }

        return null;
    }

    public void Add(in TokenDigest digest, Entry entry)
    {
        if (!_young.TryAdd(digest, entry))
        {
            // There already: the newer check wins, it knows the newer key.
            _young[digest] = entry;
            return;
        }

        if (Interlocked.Increment(ref _added) < _generationSize)
        {
            return;
        }

        lock (_gate)
        {
            if (Volatile.Read(ref _added) >= _generationSize)
            {
                _old = _young;
                _young = new ConcurrentDictionary<TokenDigest, Entry>();
                Volatile.Write(ref _added, 0);
            }
        }
    }

    /// <summary>A valid token: what it was checked with, and what came of it.</summary>
    internal sealed record Entry(string KeyId, SecurityKey Key, UserTokenResult Result);
}
