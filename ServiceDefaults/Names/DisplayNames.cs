using System.Globalization;
using System.Text;

namespace ServiceDefaults.Names;

/// <summary>
/// The one rule for names that people read: of users, tenants and rooms. It is the Nickname profile of PRECIS (RFC 8266): spaces become plain ones, none at the ends and one at a time between, and the text is brought
/// to normalization form KC. Beyond that it must have something to see. Wider than the profile in one point: joiners, selectors and tags may occur
/// within a name, as emoji and some scripts fall apart without them.
/// </summary>
public static class DisplayNames
{
    /// <summary>The rule in words.</summary>
    public const string Rule = "1 to 200 characters on one line, with something to see, and without control, direction and invisible characters";

    /// <summary>Normalizing may bring up what the steps before it change; more rounds than this mean a text that never settles (RFC 8266, section 2.3).</summary>
    private const int MaxRounds = 4;

    /// <summary>The form that is stored; null when the text breaks <see cref="Rule"/>.</summary>
    public static string? Normalize(string? text)
    {
        if (text is null || text.Length > Contracts.Limits.Name || !Contracts.PlainText.IsStorable(text))
        {
            return null;
        }

        for (var round = 0; round < MaxRounds; round++)
        {
            var next = UnicodeText.ToNfkc(WithSingleSpaces(text));
            if (next == text)
            {
                return text.Length is > 0 and <= Contracts.Limits.Name && IsAllowed(text) ? text : null;
            }

            text = next;
        }

        return null;
    }

    private static string WithSingleSpaces(string text) =>
        string.Join(' ', UnicodeText.WithPlainSpaces(text).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static bool IsAllowed(string text)
    {
        var (first, afterSpace, joined, visible) = (true, true, false, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (UnicodeText.IsIgnorable(rune))
            {
                if (afterSpace || !IsJoiner(rune))
                {
                    return false;
                }

                joined = rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner;
                continue;
            }

            var isMark = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
            if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                || (isMark && first)
                || (rune.Value == ' ' && joined)
                || IsOldJamo(rune.Value))
            {
                return false;
            }

            visible |= rune.Value is not (' ' or BlankPattern) && !isMark;
            (first, afterSpace, joined) = (false, rune.Value == ' ', false);
        }

        return visible && !joined;
    }

    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>Braille without a dot.</summary>
    private const int BlankPattern = 0x2800;

    /// <summary>Joiners; selectors of text and of colour; tags, of which flags are made.</summary>
    private static bool IsJoiner(Rune rune) => rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner or 0xFE0E or 0xFE0F or (>= 0xE0020 and <= 0xE007F);

    /// <summary>What is left of conjoining letters after normalization makes no syllable of today.</summary>
    private static bool IsOldJamo(int point) => point is (>= 0x1100 and <= 0x11FF) or (>= 0xA960 and <= 0xA97F) or (>= 0xD7B0 and <= 0xD7FF);
}
