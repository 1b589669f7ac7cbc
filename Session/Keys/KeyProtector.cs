using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Contracts;

namespace Session.Keys;

/// <summary>
/// Encrypts private halves of signing keys, so that whoever reads the database cannot sign tokens. AES-256-GCM under a key that HKDF derives from a
/// secret of ours; the key's public half is bound to it as associated data, so that stored halves cannot be exchanged.
/// </summary>
internal sealed class KeyProtector
{
    /// <summary>Secret of its own; where it is absent, the service credential serves.</summary>
    public const string ConnectionName = "signing-key-protection";

    private const int MinSecretBytes = 32;
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + NonceBytes + TagBytes;

    private readonly byte[] _key;

    public KeyProtector(string secret)
    {
        var material = Encoding.UTF8.GetBytes(secret);
        if (material.Length < MinSecretBytes)
        {
            throw new ArgumentException($"The secret must have at least {MinSecretBytes} bytes.", nameof(secret));
        }

        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, material, 32, info: "session/signing-key-protection/v1"u8.ToArray());
    }

    public static KeyProtector Create(IConfiguration configuration) => new(SecretOf(configuration));

    /// <summary>The secret that keys of this service are derived from.</summary>
    public static string SecretOf(IConfiguration configuration)
    {
        var name = string.IsNullOrEmpty(configuration.GetConnectionString(ConnectionName)) ? ServiceNames.ServiceCredential : ConnectionName;
        var secret = configuration.GetConnectionString(name) ?? "";
        return Encoding.UTF8.GetByteCount(secret) >= MinSecretBytes
            ? secret
            : throw new InvalidOperationException($"ConnectionStrings:{name} must hold a secret of at least {MinSecretBytes} bytes.");
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

        var output = new byte[input.Length - HeaderBytes];
        using var aes = new AesGcm(_key, TagBytes);
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
