using System.Buffers;
using System.Text;

namespace Contracts;

/// <summary>Rules for text that is stored and shown to others.</summary>
public static class PlainText
{
    /// <summary>PostgreSQL stores no NUL, and half of a surrogate pair is no character: neither comes back as it was sent.</summary>
    public static bool IsStorable(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0'))
        {
            return false;
        }

        // Most texts have no surrogates: finding that out is vectorized, and realtime asks for each message that it publishes.
        var first = text.IndexOfAnyInRange('\ud800', '\udfff');
        if (first < 0)
        {
            return true;
        }

        text = text[first..];
        while (text.Length > 0)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var read) != OperationStatus.Done)
            {
                return false;
            }

            text = text[read..];
        }

        return true;
    }
}
