using System.Security.Cryptography;

namespace ServiceDefaults.Identity;

/// <summary>
/// Encrypts with AES-256-GCM and random nonces, of which a key would use up a safe number in 2^32 payloads. Layout: prefix (in the clear, such as a
/// version; also empty), nonce, tag, ciphertext. It is stored, so it never changes: another layout gets another prefix.
/// </summary>
public static class AesEnvelope
{
    /// <summary>Length of a key.</summary>
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>By how much an envelope is longer than its prefix and content.</summary>
    public const int Overhead = NonceBytes + TagBytes;

    /// <summary>Encrypts <paramref name="content"/>; <paramref name="context"/> must be given again to decrypt it.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> content, ReadOnlySpan<byte> context = default)
    {
        var envelope = new byte[prefix.Length + Overhead + content.Length];
        prefix.CopyTo(envelope);
        var (nonce, tag, ciphertext) = (envelope.AsMemory(prefix.Length, NonceBytes), envelope.AsMemory(prefix.Length + NonceBytes, TagBytes), envelope.AsMemory(prefix.Length + Overhead));
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce.Span, content, ciphertext.Span, tag.Span, context);
        return envelope;
    }

    /// <summary>The content, or null: encrypted under another key, for another context, with another prefix, or damaged.</summary>
    public static byte[]? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> context = default)
    {
        if (envelope.Length < prefix.Length + Overhead || !envelope.StartsWith(prefix))
        {
            return null;
        }

        var sealedPart = envelope[prefix.Length..];
        var content = new byte[sealedPart.Length - Overhead];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(sealedPart[..NonceBytes], sealedPart[Overhead..], sealedPart[NonceBytes..Overhead], content, context);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
