using System.Buffers;
using System.Globalization;
using System.Text;
using Contracts;

namespace Session.Validation;

/// <summary>Texts that people read: names of users and tenants.</summary>
internal static class Texts
{
    /// <summary>The rule for names in words.</summary>
    public const string NameRule = "1 to 200 characters without line breaks, control and direction characters";

    /// <summary>The name without white space around it; null when it breaks <see cref="NameRule"/>.</summary>
    public static string? NormalizeName(string? text)
    {
        if (text is null || text.Length > Limits.Name || !IsWellFormed(text))
        {
            return null;
        }

        var trimmed = text.Trim();
        return trimmed.Length > 0 && trimmed.EnumerateRunes().All(IsAllowed) ? trimmed : null;
    }

    /// <summary>Whether every surrogate has its other half.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }

    /// <summary>Format characters are refused, as they turn the text around them; but for the joiners, without which some scripts and emoji fall apart.</summary>
    private static bool IsAllowed(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D || rune.Value is >= 0xE0020 and <= 0xE007F,
        _ => true,
    };
}
