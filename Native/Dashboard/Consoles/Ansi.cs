using System.Globalization;
using System.Text;

namespace Dashboard.Consoles;

/// <summary>
/// Text with the escape sequences of terminals. Those that set colours and weight become classes of a style sheet, everything else that begins with an
/// escape (moving about, titles, links) is left out.
/// </summary>
internal static class Ansi
{
    private const char Escape = '\e';
    private static readonly string[] Names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

    public static string Plain(string text) => text.Contains(Escape, StringComparison.Ordinal)
        ? Runs(text).Aggregate(new StringBuilder(text.Length), (all, run) => all.Append(run.Text)).ToString()
        : text;

    /// <summary>Pieces of one look each, with their classes (null for none).</summary>
    public static IEnumerable<(string Text, string? Classes)> Runs(string text)
    {
        var look = new Look(null, null, IsBold: false, IsDim: false, IsItalic: false, IsUnderlined: false);
        var start = 0;
        while (text.IndexOf(Escape, start) is >= 0 and var at)
        {
            if (at > start)
            {
                yield return (text[start..at], look.Classes);
            }

            (start, look) = Sequence(text, at, look);
        }

        if (start < text.Length)
        {
            yield return (text[start..], look.Classes);
        }
    }

    /// <summary>Where the text goes on after a sequence, and how it looks from there.</summary>
    private static (int Next, Look Look) Sequence(string text, int at, Look look)
    {
        if (at + 1 >= text.Length)
        {
            return (text.Length, look);
        }

        switch (text[at + 1])
        {
            case '[':
                var end = at + 2;
                while (end < text.Length && text[end] is < '@' or > '~')
                {
                    end++;
                }

                return end >= text.Length
                    ? (text.Length, look)
                    : (end + 1, text[end] == 'm' ? look.With(text[(at + 2)..end]) : look);
            case ']':
                // To a bell or an escape and a backslash.
                var bell = text.IndexOf('\a', at);
                var back = text.IndexOf("\e\\", at + 1, StringComparison.Ordinal);
                return (bell, back) switch
                {
                    ( < 0, < 0) => (text.Length, look),
                    ( >= 0, < 0) => (bell + 1, look),
                    ( < 0, _) => (back + 2, look),
                    _ => bell < back ? (bell + 1, look) : (back + 2, look),
                };
            default:
                return (at + 2, look);
        }
    }

    private sealed record Look(string? Colour, string? Back, bool IsBold, bool IsDim, bool IsItalic, bool IsUnderlined)
    {
        public string? Classes { get; } = string.Join(
            ' ',
            ((string?[])[Colour is null ? null : $"fg-{Colour}", Back is null ? null : $"bg-{Back}", IsBold ? "bold" : null, IsDim ? "dim" : null, IsItalic ? "italic" : null, IsUnderlined ? "underlined" : null])
                .OfType<string>()) is { Length: > 0 } all ? all : null;

        public Look With(string parameters)
        {
            var look = this;
            var codes = parameters.Split(';');
            for (var i = 0; i < codes.Length; i++)
            {
                var code = codes[i].Length == 0 ? 0 : int.TryParse(codes[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
                if (code is 38 or 48)
                {
                    // 5;n of a palette, whose first sixteen are the ordinary ones; or 2;r;g;b, which a style sheet has no class for.
                    var isPalette = i + 2 < codes.Length && codes[i + 1] == "5";
                    var name = isPalette && int.TryParse(codes[i + 2], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < 16 ? NameOf(n) : null;
                    look = code == 38 ? look with { Colour = name } : look with { Back = name };
                    i += isPalette ? 2 : 4;
                    continue;
                }

                look = code switch
                {
                    0 => new Look(null, null, IsBold: false, IsDim: false, IsItalic: false, IsUnderlined: false),
                    1 => look with { IsBold = true },
                    2 => look with { IsDim = true },
                    3 => look with { IsItalic = true },
                    4 => look with { IsUnderlined = true },
                    22 => look with { IsBold = false, IsDim = false },
                    23 => look with { IsItalic = false },
                    24 => look with { IsUnderlined = false },
                    >= 30 and <= 37 => look with { Colour = NameOf(code - 30) },
                    39 => look with { Colour = null },
                    >= 40 and <= 47 => look with { Back = NameOf(code - 40) },
                    49 => look with { Back = null },
                    >= 90 and <= 97 => look with { Colour = NameOf(code - 90 + 8) },
                    >= 100 and <= 107 => look with { Back = NameOf(code - 100 + 8) },
                    _ => look,
                };
            }

            // A record's copy has the classes of what it was copied from.
            return new Look(look.Colour, look.Back, look.IsBold, look.IsDim, look.IsItalic, look.IsUnderlined);
        }

        private static string NameOf(int number) => number < 8 ? Names[number] : $"bright-{Names[number - 8]}";
    }
}
