using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ServiceDefaults.Identity;

namespace Session.Tokens;

/// <summary>
/// A refresh token: 256 random bits that mean nothing by themselves. Only its hash is stored; as nobody guesses 256 bits, a plain SHA-256 is enough.
/// </summary>
internal readonly record struct RefreshToken(string Text)
{
    private const int Bytes = 32;

    /// <summary>Length of 32 bytes in base64url.</summary>
    private const int Length = 43;

    public static RefreshToken New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    /// <summary>Whether the text has the form of our tokens; if not, dbman is not asked.</summary>
    public static bool TryParse(string text, out RefreshToken token)
    {
        token = new RefreshToken(text);
        return text.Length == Length && Base64Url.IsValid(text);
    }

    public string Hash() => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));

    /// <summary>
    /// The successor, encrypted under this token, to be stored until the successor is used: presenting this token once more gives the same answer.
    /// The key is used for one successor only, and a reader of the database has no token to derive it from.
    /// </summary>
    public string Seal(RefreshToken successor) => Base64Url.EncodeToString(AesEnvelope.Seal(SealingKey(), prefix: [], Base64Url.DecodeFromChars(successor.Text)));

    /// <summary>What <see cref="Seal"/> made; null when it is damaged, or was made by another token.</summary>
    public RefreshToken? Unseal(string text) =>
        Base64Url.IsValid(text, out var length) && length == AesEnvelope.Overhead + Bytes
        && AesEnvelope.Open(SealingKey(), prefix: [], Base64Url.DecodeFromChars(text)) is { } successor
            ? new RefreshToken(Base64Url.EncodeToString(successor))
            : null;

    /// <summary>256 random bits need no salt and no stretching.</summary>
    private byte[] SealingKey() => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.ASCII.GetBytes(Text), Bytes, info: "session/refresh-token-successor/v1"u8.ToArray());

    /// <summary>Never in a log by accident.</summary>
    public override string ToString() => "(refresh token)";
}
