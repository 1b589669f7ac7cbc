using System.Text.RegularExpressions;

namespace Tests.Deploy.Monitoring;

/// <summary>One use of a series in a query.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Matchers">Label, operator and value of each condition.</param>
internal sealed record Selector(string Metric, IReadOnlyList<(string Label, string Operator, string Value)> Matchers);

/// <summary>The names in a PromQL query: which series it selects, and by which labels it groups and joins. No evaluation: promtool does that.</summary>
internal sealed partial class PromQl
{
    private static readonly HashSet<string> Grouping = new(["by", "without", "on", "ignoring", "group_left", "group_right"], StringComparer.Ordinal);

    private static readonly HashSet<string> Keywords = new(["and", "or", "unless", "bool", "offset", "inf", "nan"], StringComparer.OrdinalIgnoreCase);

    private readonly List<Selector> _selectors = [];
    private readonly List<string> _labels = [];

    private PromQl()
    {
    }

    public IReadOnlyList<Selector> Selectors => _selectors;

    /// <summary>Labels of by, on, ignoring and the like.</summary>
    public IReadOnlyList<string> Labels => _labels;

    public static PromQl Parse(string query)
    {
        var parsed = new PromQl();
        var tokens = Tokens().Matches(query).Select(static m => m.Value).ToList();
        Assert.True(string.Concat(tokens).Length == query.Count(static c => !char.IsWhiteSpace(c)) + tokens.Sum(static t => t.Count(char.IsWhiteSpace)), $"Cannot be read: {query}");
        for (var at = 0; at < tokens.Count; at++)
        {
            var next = at + 1 < tokens.Count ? tokens[at + 1] : "";
            if (tokens[at] == "[")
            {
                at = tokens.IndexOf("]", at);
            }
            else if (!char.IsAsciiLetter(tokens[at][0]) || Keywords.Contains(tokens[at]))
            {
                continue;
            }
            else if (Grouping.Contains(tokens[at]))
            {
                var end = tokens.IndexOf(")", at);
                parsed._labels.AddRange(tokens[(at + 2)..end].Where(static t => t != ","));
                at = end;
            }
            else if (next != "(" && !Grouping.Contains(next))
            {
                at = parsed.Select(tokens, at);
            }
            else
            {
                // A function or an aggregation: its arguments come by themselves.
            }
        }

        return parsed;
    }

    private int Select(List<string> tokens, int at)
    {
        var matchers = new List<(string, string, string)>();
        var metric = tokens[at];
        if (at + 1 < tokens.Count && tokens[at + 1] == "{")
        {
            for (at += 2; tokens[at] != "}"; at += tokens[at + 3] == "," ? 4 : 3)
            {
                matchers.Add((tokens[at], tokens[at + 1], tokens[at + 2].Trim('"')));
            }
        }

        _selectors.Add(new Selector(metric, matchers));
        return at;
    }

    /// <summary>Strings, names, numbers with units, Grafana's variables, operators.</summary>
    [GeneratedRegex(@"""(\\.|[^""\\])*""|[a-zA-Z_:][a-zA-Z0-9_:]*|\$\w+|[0-9.]+[a-z]*|=~|!~|!=|==|>=|<=|[-+*/%^(){}\[\],=<>]", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Tokens();
}
