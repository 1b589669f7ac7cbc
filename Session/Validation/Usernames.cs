using System.Globalization;
using System.Text;
using Contracts;
using ServiceDefaults.Names;

namespace Session.Validation;

/// <summary>
/// User names. Stored and compared in one form (case folded, NFKC), so that "José", "JOSÉ" and the same with a combining accent or full-width letters are one user.
/// </summary>
internal static class Usernames
{
    /// <summary>Most characters, after normalization.</summary>
    public const int MaxLength = 64;

    /// <summary>The rule in words.</summary>
    public const string Rule = "1 to 64 letters, digits and '.', '_', '-', '@', '+' in any script, beginning and ending with a letter or digit";

    /// <summary>The form that is stored; null when the text breaks <see cref="Rule"/>.</summary>
    public static string? Normalize(string? text)
    {
        // Folding makes some characters into several, never into fewer than a tenth: what is longer than this cannot come out valid.
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength * 4 || !PlainText.IsStorable(text))
        {
            return null;
        }

        var folded = text.EnumerateRunes().Any(UnicodeText.IsIgnorable) ? "" : UnicodeText.Fold(text);
        if (folded.Length is 0 or > MaxLength)
        {
            return null;
        }

        var last = default(Rune);
        var first = true;
        foreach (var rune in folded.EnumerateRunes())
        {
            var allowed = first ? IsLetterOrDigit(rune) : IsLetterOrDigit(rune) || IsMark(rune) || rune.Value is '.' or '_' or '-' or '@' or '+';
            if (!allowed)
            {
                return null;
            }

            first = false;
            last = rune;
        }

        return IsLetterOrDigit(last) || IsMark(last) ? folded : null;
    }

    /// <summary>The beginning of a name, folded as names are; null when it is too long or no text.</summary>
    public static string? FoldPrefix(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        var folded = text.Length <= MaxLength && PlainText.IsStorable(text) ? UnicodeText.Fold(text) : "";
        return folded.Length is > 0 and <= MaxLength * 4 ? folded : null;
    }

    private static bool IsLetterOrDigit(Rune rune) => Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
