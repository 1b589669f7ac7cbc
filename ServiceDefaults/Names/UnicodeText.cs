using System.Globalization;
using System.Text;
using ICU4N;
using ICU4N.Globalization;
using ICU4N.Text;

namespace ServiceDefaults.Names;

/// <summary>
/// What Unicode says about text. Our processes run in invariant globalization mode, where the framework's own Normalize returns what it is given; ICU4N brings its tables along.
/// </summary>
public static class UnicodeText
{
    /// <summary>Normalization form C: canonically equal texts become the same.</summary>
    public static string ToNfc(string text) => Normalizer2.NFCInstance.Normalize(text);

    /// <summary>Normalization form D.</summary>
    public static string ToNfd(string text) => Normalizer2.NFDInstance.Normalize(text);

    /// <summary>Normalization form KC: texts that differ in presentation only (ligatures, full width) become the same.</summary>
    public static string ToNfkc(string text) => Normalizer2.NFKCInstance.Normalize(text);

    /// <summary>
    /// NFKC_Casefold (UAX 44): texts that differ in case or presentation only become the same, and characters for which nothing is drawn go. The framework lowers
    /// the case of letters that are newer than ICU4N's tables.
    /// </summary>
    public static string Fold(string text) => Normalizer2.NFKCCaseFoldInstance.Normalize(
        string.Concat(text.EnumerateRunes().Select(static rune => UChar.IsDefined(rune.Value) ? rune : Rune.ToLowerInvariant(rune))));

    /// <summary>Spaces of every width become the one of ASCII.</summary>
    public static string WithPlainSpaces(string text) =>
        text.Any(static c => c > 0x7f && char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator)
            ? string.Concat(text.Select(static c => char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator ? ' ' : c))
            : text;

    /// <summary>Whether a renderer that does not support it draws nothing: joiners, fillers, selectors, tags.</summary>
    public static bool IsIgnorable(Rune rune) => UChar.HasBinaryProperty(rune.Value, UProperty.Default_Ignorable_Code_Point);

    /// <summary>The writing system that a character belongs to; <see cref="UScript.Common"/> or <see cref="UScript.Inherited"/> where it goes with all.</summary>
    public static int ScriptOf(Rune rune) => UScript.GetScript(rune.Value);
}
