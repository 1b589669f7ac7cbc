using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Identity;

/// <summary>
/// Protects what a browser keeps for a service (cookies, anti-forgery tokens, page state) with keys that are derived from the service's own private
/// key: what one replica hands out, every other one reads, without a store of keys, and no other service can. Replacing the key signs everybody out.
/// </summary>
/// <remarks>
/// A key of its own per purpose: HKDF-SHA256. The payload is a version and an <see cref="AesEnvelope"/>.
/// </remarks>
internal sealed class ServiceDataProtection(IOptions<ServiceKeyOptions> options) : IDataProtectionProvider
{
    public IDataProtector CreateProtector(string purpose) => new Protector(options.Value, [purpose]);

    private sealed class Protector : IDataProtector
    {
        private static readonly byte[] Salt = "service key, data protection"u8.ToArray();

        private readonly ServiceKeyOptions _options;
        private readonly string[] _purposes;
        private readonly byte[] _key;

        public Protector(ServiceKeyOptions options, string[] purposes)
        {
            _options = options;
            _purposes = purposes;
            _key = KeyOf(options.PrivateKey, purposes);
        }

        private static ReadOnlySpan<byte> Version => [1];

        public IDataProtector CreateProtector(string purpose) => new Protector(_options, [.. _purposes, purpose]);

        public byte[] Protect(byte[] plaintext) => AesEnvelope.Seal(_key, Version, plaintext);

        public byte[] Unprotect(byte[] protectedData) => AesEnvelope.Open(_key, Version, protectedData)
            ?? throw new CryptographicException("This was not protected here, was changed, or was protected under another key.");

        private static byte[] KeyOf(string privateKey, string[] purposes)
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

            // The number itself: two encodings of one key derive alike.
            var key = ServiceKey.ReadPrivate(privateKey) ?? throw new InvalidOperationException("The service's key was not validated.");
            using var ecdsa = key.ECDsa;
            var master = ecdsa.ExportParameters(includePrivateParameters: true).D!;
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, master, AesEnvelope.KeyBytes, Salt, info.ToArray());
        }
    }
}
