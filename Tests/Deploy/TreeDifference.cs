namespace Tests.Deploy;

/// <summary>The first differences of two trees of files.</summary>
internal static class TreeDifference
{
    public static IEnumerable<string> Between(IReadOnlyDictionary<string, string> generated, IReadOnlyDictionary<string, string> committed)
    {
        foreach (var path in generated.Keys.Union(committed.Keys).Order(StringComparer.Ordinal))
        {
            if (!committed.TryGetValue(path, out var there))
            {
                yield return $"{path}: generated, not committed";
            }
            else if (!generated.TryGetValue(path, out var here))
            {
                yield return $"{path}: committed, not generated";
            }
            else if (here != there)
            {
                yield return FirstLine(path, here.Split('\n'), there.Split('\n'));
            }
        }
    }

    private static string FirstLine(string path, string[] generated, string[] committed)
    {
        var line = 0;
        while (line < generated.Length && line < committed.Length && generated[line] == committed[line])
        {
            line++;
        }

        return $"{path}:{line + 1}: '{generated.ElementAtOrDefault(line)}' generated, '{committed.ElementAtOrDefault(line)}' committed";
    }
}
