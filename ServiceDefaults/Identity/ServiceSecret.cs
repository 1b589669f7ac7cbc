using System.Text;

namespace ServiceDefaults.Identity;

/// <summary>Turns the configured secret into key bytes.</summary>
internal static class ServiceSecret
{
    /// <summary>HS256 needs a key as long as its hash; anything shorter is guessed sooner than the hash is broken.</summary>
    public const int MinBytes = 32;

    /// <summary>The bytes, or null when there are fewer than <see cref="MinBytes"/>.</summary>
    public static byte[]? Decode(string secret)
    {
        var buffer = new byte[secret.Length];
        if (Convert.TryFromBase64String(secret, buffer, out var written) && written >= MinBytes)
        {
            return buffer[..written];
        }

        var text = Encoding.UTF8.GetBytes(secret);
        return text.Length >= MinBytes ? text : null;
    }
}
