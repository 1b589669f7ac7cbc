using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>Public keys by service: <c>chat=KEY;session=KEY,KEY</c>.</summary>
internal sealed class ServiceKeyRing
{
    /// <summary>The one in use, and the one that comes or goes.</summary>
    public const int MaxKeys = 2;

    private const int MaxNames = 64;

    private readonly FrozenDictionary<string, ECDsaSecurityKey[]> _keys;

    private ServiceKeyRing(FrozenDictionary<string, ECDsaSecurityKey[]> keys) => _keys = keys;

    /// <summary>Whether that service has a key at all.</summary>
    public bool Knows(string name) => _keys.ContainsKey(name);

    /// <summary>The key of that id, if it is that service's.</summary>
    public ECDsaSecurityKey? Find(string name, string? id)
    {
        if (_keys.TryGetValue(name, out var keys))
        {
            foreach (var key in keys)
            {
                if (string.Equals(key.KeyId, id, StringComparison.Ordinal))
                {
                    return key;
                }
            }
        }

        return null;
    }

    public static bool TryRead(string text, [NotNullWhen(true)] out ServiceKeyRing? ring, [NotNullWhen(false)] out string? error)
    {
        ring = null;
        var keys = new Dictionary<string, ECDsaSecurityKey[]>(StringComparer.Ordinal);
        foreach (var entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, listed) = entry.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (entry[..at], entry[(at + 1)..]) : ("", entry);
            var read = listed.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ServiceKey.ReadPublic).ToArray();
            error = !IsName(name) ? "each entry must be NAME=KEY or NAME=KEY,KEY; names are of a-z, 0-9 and '-'."
                : read.Length is 0 or > MaxKeys ? $"'{name}' must have one key, or two while one replaces the other."
                : Array.Exists(read, static key => key is null) ? $"a key of '{name}' is no base64 of a SubjectPublicKeyInfo on the curve P-256."
                : keys.Count == MaxNames ? $"there are more than {MaxNames} names."
                : !keys.TryAdd(name, read!) ? $"'{name}' is there twice."
                : null;
            if (error is not null)
            {
                return false;
            }
        }

        error = keys.Count == 0 ? "missing; it says whose calls are taken." : null;
        ring = error is null ? new ServiceKeyRing(keys.ToFrozenDictionary(StringComparer.Ordinal)) : null;
        return ring is not null;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= 64 && name.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
}
