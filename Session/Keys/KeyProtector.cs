using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Session.Keys;

/// <summary>
/// Encrypts private halves of signing keys, so that access to the database is not enough to sign tokens. AES-256-GCM under a key that HKDF derives
/// from a secret of ours; the key's public half is bound to it as associated data, so that stored halves cannot be exchanged. While the secret is
/// replaced, its predecessor still decrypts.
/// </summary>
internal sealed class KeyProtector
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + NonceBytes + TagBytes;

    private readonly byte[] _key;
    private readonly byte[]? _previous;

    public KeyProtector(ProtectionSecrets secrets)
    {
        _key = KeyOf(secrets.Current);
        _previous = secrets.Previous is { } previous ? KeyOf(previous) : null;

        static byte[] KeyOf(byte[] secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "session/signing-key-protection/v1"u8.ToArray());
    }

    /// <summary>Encrypts <paramref name="privateKey"/>; <paramref name="context"/> must be given again to decrypt it.</summary>
    public string Protect(ReadOnlySpan<byte> privateKey, string context)
    {
        var output = new byte[HeaderBytes + privateKey.Length];
        output[0] = Version;
        var nonce = output.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, privateKey, output.AsSpan(HeaderBytes), output.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(context));
        return Base64Url.EncodeToString(output);
    }

    /// <summary>The private key, or null: encrypted under another secret, for another context, or damaged.</summary>
    public byte[]? Unprotect(string text, string context)
    {
        if (!Base64Url.IsValid(text, out var length) || length <= HeaderBytes)
        {
            return null;
        }

        var input = Base64Url.DecodeFromChars(text);
        if (input[0] != Version)
        {
            return null;
        }

        return Unprotect(_key, input, context) ?? (_previous is null ? null : Unprotect(_previous, input, context));
    }

    private static byte[]? Unprotect(byte[] key, byte[] input, string context)
    {
        var output = new byte[input.Length - HeaderBytes];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(
                input.AsSpan(1, NonceBytes), input.AsSpan(HeaderBytes), input.AsSpan(1 + NonceBytes, TagBytes), output, Encoding.UTF8.GetBytes(context));
            return output;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
