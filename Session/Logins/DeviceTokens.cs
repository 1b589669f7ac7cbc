using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Contracts.Users;
using Session.Keys;

namespace Session.Logins;

/// <summary>
/// Tokens by which a device is known again that a user was signed in on before: strangers who fail to log in under the same name do not slow it down. It says nothing about who holds it and
/// gives no right; a stolen one is good for a few guesses, as its own failures are counted. Signed, and stored nowhere.
/// <para>
/// Layout: version, id of the device, time of the login, tag of the user, signature over these with tenant and user name. A user name may pass to another user when its bearer is removed; by the
/// tag the devices of the former are strangers to the latter. It is compared when the credential has been read, as who bears the name is not known before.
/// </para>
/// </summary>
internal sealed class DeviceTokens
{
    /// <summary>Longest text that can be one; longer ones are refused before they are looked at.</summary>
    public const int MaxLength = 128;

    private const byte Version = 2;
    private const int IdBytes = 16;
    private const int TimeBytes = 8;
    /// <summary>Makes the whole a multiple of three bytes, so that every bit of its text counts.</summary>
    private const int OwnerBytes = 15;
    private const int OwnerStart = 1 + IdBytes + TimeBytes;
    private const int HeadBytes = OwnerStart + OwnerBytes;

    /// <summary>
    /// How long a device counts as known after its last login: its user comes back from half a year's absence and still is no stranger.
    /// </summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    private readonly byte[] _key;
    private readonly byte[]? _previous;
    private readonly TimeProvider _time;

    public DeviceTokens(ProtectionSecrets secrets, TimeProvider time)
    {
        _key = KeyOf(secrets.Current);
        _previous = secrets.Previous is { } previous ? KeyOf(previous) : null;
        _time = time;

        static byte[] KeyOf(byte[] secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "session/known-devices/v1"u8.ToArray());
    }

    /// <summary>A token for the device that the user has just logged in on; <paramref name="device"/> is its id when it was known before.</summary>
    public string Issue(UserRecord user, string? device)
    {
        Span<byte> token = stackalloc byte[HeadBytes + HMACSHA256.HashSizeInBytes];
        token[0] = Version;
        var id = token.Slice(1, IdBytes);
        if (device is null || Convert.FromHexString(device, id, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            RandomNumberGenerator.Fill(id);
        }

        BinaryPrimitives.WriteInt64BigEndian(token[(1 + IdBytes)..], _time.GetUtcNow().ToUnixTimeSeconds());
        Convert.FromHexString(OwnerOf(user), token[OwnerStart..], out _, out _);
        Sign(_key, token[..HeadBytes], user.Tenant, user.Username, token[HeadBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>What is compared with a device's owner.</summary>
    public static string OwnerOf(UserRecord user) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{user.Tenant}\n{user.Id}")).AsSpan(0, OwnerBytes));

    /// <summary>The device; null when the token is not ours, another name's, or too old.</summary>
    public KnownDevice? Find(string? text, string tenant, string username)
    {
        if (text is null || text.Length > MaxLength || !Base64Url.IsValid(text, out var length) || length != HeadBytes + HMACSHA256.HashSizeInBytes)
        {
            return null;
        }

        var token = Base64Url.DecodeFromChars(text);
        if (token[0] != Version || !(IsSignedWith(_key, token, tenant, username) || (_previous is not null && IsSignedWith(_previous, token, tenant, username))))
        {
            return null;
        }

        var age = _time.GetUtcNow().ToUnixTimeSeconds() - BinaryPrimitives.ReadInt64BigEndian(token.AsSpan(1 + IdBytes));
        return age <= Lifetime.TotalSeconds
            ? new KnownDevice(Convert.ToHexStringLower(token.AsSpan(1, IdBytes)), Convert.ToHexStringLower(token.AsSpan(OwnerStart, OwnerBytes)))
            : null;
    }

    private static bool IsSignedWith(byte[] key, byte[] token, string tenant, string username)
    {
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(key, token.AsSpan(0, HeadBytes), tenant, username, signature);
        return CryptographicOperations.FixedTimeEquals(signature, token.AsSpan(HeadBytes));
    }

    private static void Sign(byte[] key, ReadOnlySpan<byte> head, string tenant, string username, Span<byte> signature)
    {
        // Neither ids nor user names hold a line break: no two pairs read alike.
        var names = Encoding.UTF8.GetBytes($"{tenant}\n{username}");
        var text = new byte[head.Length + names.Length];
        head.CopyTo(text);
        names.CopyTo(text.AsSpan(head.Length));
        HMACSHA256.HashData(key, text, signature);
    }
}
