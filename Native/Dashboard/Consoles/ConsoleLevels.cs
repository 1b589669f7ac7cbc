using Dashboard.Wire;

namespace Dashboard.Consoles;

/// <summary>
/// Tells a line's level from how .NET's console logger, PostgreSQL and Redis begin theirs. A line that is indented belongs to the one before it. What
/// says nothing is an error when it came that way.
/// </summary>
internal static class ConsoleLevels
{
    private static readonly (string Start, ConsoleLevel Level)[] Starts =
    [
        ("trce:", ConsoleLevel.Trace), ("dbug:", ConsoleLevel.Debug), ("info:", ConsoleLevel.Information), ("warn:", ConsoleLevel.Warning),
        ("fail:", ConsoleLevel.Error), ("crit:", ConsoleLevel.Critical),
        ("Unhandled exception", ConsoleLevel.Critical), ("error:", ConsoleLevel.Error), ("warning:", ConsoleLevel.Warning),
    ];

    // PostgreSQL's come after a time and a process, all of which fits into the start of a line.
    private static readonly (string Mark, ConsoleLevel Level)[] Marks =
    [
        (" LOG:  ", ConsoleLevel.Information), (" ERROR:  ", ConsoleLevel.Error), (" FATAL:  ", ConsoleLevel.Critical), (" PANIC:  ", ConsoleLevel.Critical),
        (" WARNING:  ", ConsoleLevel.Warning), (" NOTICE:  ", ConsoleLevel.Information), (" INFO:  ", ConsoleLevel.Information),
        (" STATEMENT:  ", ConsoleLevel.Debug), (" DETAIL:  ", ConsoleLevel.Debug), (" HINT:  ", ConsoleLevel.Debug), (" CONTEXT:  ", ConsoleLevel.Debug),
        (" QUERY:  ", ConsoleLevel.Debug), (" LOCATION:  ", ConsoleLevel.Debug),
    ];

    private const int StartOfALine = 80;

    public static ConsoleLevel Of(string plain, bool isError, ConsoleLevel before)
    {
        if (plain.Length > 0 && plain[0] is ' ' or '\t' && before != ConsoleLevel.Note)
        {
            return before;
        }

        foreach (var (start, level) in Starts)
        {
            if (plain.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            {
                return level;
            }
        }

        var head = plain.AsSpan(0, Math.Min(plain.Length, StartOfALine));
        foreach (var (mark, level) in Marks)
        {
            if (head.Contains(mark, StringComparison.Ordinal))
            {
                return level;
            }
        }

        return isError ? ConsoleLevel.Error : ConsoleLevel.None;
    }

    public static ConsoleLine Read(Line line, ConsoleLevel before)
    {
        var plain = Ansi.Plain(line.Text);
        return new ConsoleLine(line.Number, line.Text, plain, Of(plain, line.IsError, before));
    }
}
