using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using ICU4N.Globalization;
using ServiceDefaults.Names;

namespace Session.Validation;

/// <summary>
/// User names that look alike (Unicode Technical Standard 39). The rules are for new names only: an older name that breaks them stays.
/// </summary>
internal static class Confusables
{
    private static readonly Lazy<FrozenDictionary<int, string>> Prototypes = new(Load);

    /// <summary>Writing systems that one language mixes.</summary>
    private static readonly int[][] Together =
    [
        [UScript.Latin, UScript.Han, UScript.Hiragana, UScript.Katakana],
        [UScript.Latin, UScript.Han, UScript.Bopomofo],
        [UScript.Latin, UScript.Han, UScript.Hangul],
    ];

    /// <summary>Two names whose skeletons are equal look alike. Not for showing.</summary>
    public static string Skeleton(string username)
    {
        var result = new StringBuilder(username.Length);
        foreach (var rune in UnicodeText.ToNfd(username).EnumerateRunes())
        {
            result.Append(Prototypes.Value.TryGetValue(rune.Value, out var prototype) ? prototype : rune.ToString());
        }

        return UnicodeText.ToNfd(result.ToString());
    }

    /// <summary>
    /// Whether all letters are of one script, of those that one language mixes, or of Latin and one that has no letters of the same looks ("moderately restrictive").
    /// </summary>
    public static bool IsOfOneScript(string username)
    {
        var scripts = username.EnumerateRunes().Select(UnicodeText.ScriptOf).Where(static script => script is not (UScript.Common or UScript.Inherited)).ToHashSet();
        return scripts.Count <= 1
            || Together.Any(set => scripts.All(set.Contains))
            || (scripts.Count == 2 && scripts.Contains(UScript.Latin) && !scripts.Overlaps([UScript.Cyrillic, UScript.Greek, UScript.Cherokee]));
    }

    private static FrozenDictionary<int, string> Load()
    {
        using var stream = typeof(Confusables).Assembly.GetManifestResourceStream("Session.Validation.confusables.json")
            ?? throw new InvalidOperationException("confusables.json is not embedded.");
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateObject().ToFrozenDictionary(
            static entry => Rune.GetRuneAt(entry.Name, 0).Value, static entry => entry.Value.GetString()!);
    }
}
