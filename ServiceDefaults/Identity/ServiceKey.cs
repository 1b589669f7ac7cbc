using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Identity;

/// <summary>Reads keys of services: ECDSA on the curve P-256, as base64.</summary>
internal static class ServiceKey
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>The private key (PKCS#8), or null when the text is not a key.</summary>
    public static ECDsaSecurityKey? ReadPrivate(string text) => Read(text, static (ECDsa key, ReadOnlySpan<byte> bytes, out int read) => key.ImportPkcs8PrivateKey(bytes, out read));

    /// <summary>The public key (SubjectPublicKeyInfo), or null when the text is not a key.</summary>
    public static ECDsaSecurityKey? ReadPublic(string text) => Read(text, static (ECDsa key, ReadOnlySpan<byte> bytes, out int read) => key.ImportSubjectPublicKeyInfo(bytes, out read));

    private delegate void Import(ECDsa key, ReadOnlySpan<byte> bytes, out int read);

    private static ECDsaSecurityKey? Read(string text, Import import)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            import(key, bytes.AsSpan(0, length), out var read);
            if (read == length && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256)
            {
                // The library's process-wide cache of signers distinguishes keys by id alone, and both halves of a pair have the same id.
                return new ECDsaSecurityKey(key) { KeyId = IdOf(key), CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = true } };
            }
        }
        catch (CryptographicException)
        {
            // No key. What is wrong with it is the caller's to say, without its content.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }

        key.Dispose();
        return null;
    }

    /// <summary>The same for both halves, so that a token names its key without anybody having to number them.</summary>
    private static string IdOf(ECDsa key) => Base64UrlEncoder.Encode(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 16).ToArray());
}
