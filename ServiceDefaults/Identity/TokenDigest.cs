using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ServiceDefaults.Identity;

/// <summary>SHA-256 of a token. The token itself is not kept: memory dumps need not hold credentials.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TokenDigest(long A, long B, long C, long D)
{
    private const int StackLimit = 1_024;

    public static TokenDigest Of(string token)
    {
        var length = Encoding.UTF8.GetMaxByteCount(token.Length);
        var bytes = length <= StackLimit ? stackalloc byte[StackLimit] : new byte[length];
        var written = Encoding.UTF8.GetBytes(token, bytes);
        Span<long> hash = stackalloc long[SHA256.HashSizeInBytes / sizeof(long)];
        SHA256.HashData(bytes[..written], MemoryMarshal.AsBytes(hash));
        return new TokenDigest(hash[0], hash[1], hash[2], hash[3]);
    }
}
