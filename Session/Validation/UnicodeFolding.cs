using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Session.Validation;

/// <summary>
/// Case folding and Unicode normalization form KC, from tables of our own (folding.txt): our processes run in invariant globalization mode, where the
/// framework's Normalize returns what it is given. The steps are those of Unicode Standard Annex 15: decompose (and fold) every character, put
/// marks into canonical order, compose. What would come apart into characters that no user name may hold becomes U+FFFD. Tests compare the rest with PostgreSQL's
/// normalize over all of Unicode.
/// </summary>
internal sealed class UnicodeFolding
{
    // Hangul syllables follow an arithmetic rule (chapter 3.12 of the standard).
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    private readonly FrozenDictionary<int, int[]> _map;
    private readonly FrozenDictionary<int, byte> _classes;
    private readonly FrozenDictionary<(int First, int Second), int> _compositions;

    private UnicodeFolding(Dictionary<int, int[]> map, Dictionary<int, byte> classes, Dictionary<(int First, int Second), int> compositions)
    {
        _map = map.ToFrozenDictionary();
        _classes = classes.ToFrozenDictionary();
        _compositions = compositions.ToFrozenDictionary();
    }

    private static readonly Lazy<UnicodeFolding> Loaded = new(Load);

    /// <summary>Two texts that a reader takes for the same become equal. The text must be well-formed; folding what was folded changes nothing.</summary>
    public static string Fold(string text) => Loaded.Value.FoldText(text);

    private string FoldText(string text)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, points);
        }

        Order(points);
        Compose(points);
        var result = new StringBuilder(points.Count);
        foreach (var point in points)
        {
            result.Append(new Rune(point).ToString());
        }

        return result.ToString();
    }

    private void Decompose(int point, List<int> output)
    {
        if (_map.TryGetValue(point, out var mapped))
        {
            output.AddRange(mapped);
        }
        else if (point is >= SBase and < SBase + SCount)
        {
            var index = point - SBase;
            output.Add(LBase + (index / (VCount * TCount)));
            output.Add(VBase + (index % (VCount * TCount) / TCount));
            if (index % TCount != 0)
            {
                output.Add(TBase + (index % TCount));
            }
        }
        else
        {
            output.Add(point);
        }
    }

    /// <summary>Sorts each run of marks by class; marks of one class keep their order (an insertion sort is stable, and runs are short).</summary>
    private void Order(List<int> points)
    {
        for (var i = 1; i < points.Count; i++)
        {
            var kind = Class(points[i]);
            for (var j = i; kind != 0 && j > 0 && Class(points[j - 1]) > kind; j--)
            {
                (points[j - 1], points[j]) = (points[j], points[j - 1]);
            }
        }
    }

    private void Compose(List<int> points)
    {
        var starter = -1;
        var written = 0;
        var lastClass = 0;
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            var kind = Class(point);

            // Blocked when a mark of the same or a higher class, or another starter, stands between.
            var blocked = written - 1 != starter && (lastClass >= kind || lastClass == 0);
            if (starter >= 0 && !blocked && Pair(points[starter], point) is { } composed)
            {
                points[starter] = composed;
                continue;
            }

            if (kind == 0)
            {
                starter = written;
            }

            lastClass = kind;
            points[written++] = point;
        }

        points.RemoveRange(written, points.Count - written);
    }

    private int? Pair(int first, int second)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
        {
            return SBase + ((((first - LBase) * VCount) + (second - VBase)) * TCount);
        }

        if (first is >= SBase and < SBase + SCount && (first - SBase) % TCount == 0 && second is > TBase and < TBase + TCount)
        {
            return first + (second - TBase);
        }

        return _compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private byte Class(int point) => _classes.GetValueOrDefault(point);

    private static UnicodeFolding Load()
    {
        Dictionary<int, int[]> map = [];
        Dictionary<int, byte> classes = [];
        Dictionary<(int, int), int> compositions = [];
        using var reader = new StreamReader(
            typeof(UnicodeFolding).Assembly.GetManifestResourceStream("Session.Validation.folding.txt")
            ?? throw new InvalidOperationException("folding.txt is not embedded."));
        var section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                section = line;
                continue;
            }

            if (line.StartsWith('#'))
            {
                continue;
            }

            var fields = line.Split(' ');
            switch (section)
            {
                case "[map]":
                    map.Add(Hex(fields[0]), [.. fields.Skip(1).Select(Hex)]);
                    break;
                case "[class]":
                    for (var point = Hex(fields[0]); point <= Hex(fields[1]); point++)
                    {
                        classes.Add(point, byte.Parse(fields[2], CultureInfo.InvariantCulture));
                    }

                    break;
                default:
                    compositions.Add((Hex(fields[0]), Hex(fields[1])), Hex(fields[2]));
                    break;
            }
        }

        return new UnicodeFolding(map, classes, compositions);
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
