namespace Dashboard.Consoles;

/// <summary>A line as it is shown.</summary>
/// <param name="Number">Its number among all that the instance has written; 0 for a note in their place.</param>
/// <param name="Text">With the escape sequences that colour it.</param>
/// <param name="Plain">Without them: what is searched.</param>
/// <param name="Level">What it says of itself, or what the line says that it continues.</param>
public sealed record ConsoleLine(long Number, string Text, string Plain, ConsoleLevel Level)
{
    /// <summary>Lines that this reader missed, in their place.</summary>
    public static ConsoleLine Missed(long count)
    {
        var text = count == 1 ? "1 line was written faster than it could be read" : $"{count:N0} lines were written faster than they could be read";
        return new ConsoleLine(0, text, text, ConsoleLevel.Note);
    }
}

public enum ConsoleLevel
{
    None,
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
    Note,
}
