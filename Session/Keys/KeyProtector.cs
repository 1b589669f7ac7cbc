using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ServiceDefaults.Identity;

namespace Session.Keys;

/// <summary>
/// Encrypts private halves of signing keys, so that access to the database is not enough to sign tokens. AES-256-GCM under a key that HKDF derives
/// from a secret of ours; the key's public half is bound to it as associated data, so that stored halves cannot be exchanged. While the secret is
/// replaced, its predecessor still decrypts.
/// </summary>
internal sealed class KeyProtector
{
    private readonly byte[] _key;
    private readonly byte[]? _previous;

    private static ReadOnlySpan<byte> Version => [1];

    public KeyProtector(ProtectionSecrets secrets)
    {
        _key = KeyOf(secrets.Current);
        _previous = secrets.Previous is { } previous ? KeyOf(previous) : null;

        static byte[] KeyOf(byte[] secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, AesEnvelope.KeyBytes, info: "session/signing-key-protection/v1"u8.ToArray());
    }

    /// <summary>Encrypts <paramref name="privateKey"/>; <paramref name="context"/> must be given again to decrypt it.</summary>
    public string Protect(ReadOnlySpan<byte> privateKey, string context) =>
        Base64Url.EncodeToString(AesEnvelope.Seal(_key, Version, privateKey, Encoding.UTF8.GetBytes(context)));

    /// <summary>The private key, or null: encrypted under another secret, for another context, or damaged.</summary>
    public byte[]? Unprotect(string text, string context)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        var (envelope, bound) = (Base64Url.DecodeFromChars(text), Encoding.UTF8.GetBytes(context));
        return AesEnvelope.Open(_key, Version, envelope, bound) ?? (_previous is null ? null : AesEnvelope.Open(_previous, Version, envelope, bound));
    }
}
