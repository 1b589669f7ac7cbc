using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>
/// Protects what a browser keeps for a service (cookies, anti-forgery tokens, page state) with keys that are derived from the service credential: whatever one replica hands out, every
/// other one reads, without a store of keys. Replacing the credential replaces them, and its predecessor is read for as long as it is configured.
/// </summary>
/// <remarks>
/// A key of its own per purpose: HKDF-SHA256. AES-256-GCM with random nonces, of which a purpose would use up a safe number in 2^32 payloads.
/// Layout: version, nonce, tag, ciphertext.
/// </remarks>
internal sealed class CredentialDataProtection(IOptions<ServiceCredentialOptions> options) : IDataProtectionProvider
{
    public IDataProtector CreateProtector(string purpose) => new Protector(options.Value, [purpose]);

    private sealed class Protector : IDataProtector
    {
        private const byte Version = 1;
        private const int NonceBytes = 12;
        private const int TagBytes = 16;
        private const int KeyBytes = 32;
        private const int HeaderBytes = 1 + NonceBytes + TagBytes;

        private static readonly byte[] Salt = "service credential, data protection"u8.ToArray();

        private readonly ServiceCredentialOptions _options;
        private readonly string[] _purposes;
        private readonly byte[] _key;
        private readonly byte[]? _previous;

        public Protector(ServiceCredentialOptions options, string[] purposes)
        {
            _options = options;
            _purposes = purposes;
            _key = KeyOf(options.Secret, purposes);
            _previous = options.PreviousSecret is { Length: > 0 } secret ? KeyOf(secret, purposes) : null;
        }

        public IDataProtector CreateProtector(string purpose) => new Protector(_options, [.. _purposes, purpose]);

        public byte[] Protect(byte[] plaintext)
        {
            var payload = new byte[HeaderBytes + plaintext.Length];
            payload[0] = Version;
            var nonce = payload.AsSpan(1, NonceBytes);
            RandomNumberGenerator.Fill(nonce);
            using var aes = new AesGcm(_key, TagBytes);
            aes.Encrypt(nonce, plaintext, payload.AsSpan(HeaderBytes), payload.AsSpan(1 + NonceBytes, TagBytes));
            return payload;
        }

        public byte[] Unprotect(byte[] protectedData)
        {
            if (protectedData.Length < HeaderBytes || protectedData[0] != Version)
            {
                throw new CryptographicException("This was not protected here.");
            }

            return TryUnprotect(_key, protectedData)
                ?? (_previous is null ? null : TryUnprotect(_previous, protectedData))
                ?? throw new CryptographicException("This was changed, or protected with another credential.");
        }

        private static byte[]? TryUnprotect(byte[] key, ReadOnlySpan<byte> payload)
        {
            var plaintext = new byte[payload.Length - HeaderBytes];
            using var aes = new AesGcm(key, TagBytes);
            try
            {
                aes.Decrypt(payload.Slice(1, NonceBytes), payload[HeaderBytes..], payload.Slice(1 + NonceBytes, TagBytes), plaintext);
                return plaintext;
            }
            catch (AuthenticationTagMismatchException)
            {
                return null;
            }
        }

        private static byte[] KeyOf(string secret, string[] purposes)
        {
            // With their lengths, so that no two lists of purposes read alike.
            using var info = new MemoryStream();
            Span<byte> length = stackalloc byte[sizeof(int)];
            foreach (var purpose in purposes)
            {
                var text = Encoding.UTF8.GetBytes(purpose);
                BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
                info.Write(length);
                info.Write(text);
            }

            var master = ServiceSecret.Decode(secret) ?? throw new InvalidOperationException("The service credential was not validated.");
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, master, KeyBytes, Salt, info.ToArray());
        }
    }
}
