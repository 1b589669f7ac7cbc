using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

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

    /// <summary>Whether the text can be one of ours at all; saves dbman the look-up where not.</summary>
    public static bool TryParse(string text, out RefreshToken token)
    {
        token = new RefreshToken(text);
        return text.Length == Length && Base64Url.IsValid(text);
    }

    public string Hash() => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));

    /// <summary>Never in a log by accident.</summary>
    public override string ToString() => "(refresh token)";
}
