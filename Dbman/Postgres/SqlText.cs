using System.Reflection;

namespace Dbman.Postgres;

/// <summary>
/// Reads embedded .sql files. A file may hold several statements: they go to the server together, in one round trip and one transaction, and each sees
/// what was committed before it began. So a file locks rows with its first statement and looks at them with the next. A statement that only locks names
/// its column "locked"; its rows are skipped (<see cref="Database"/>).
/// </summary>
internal static class SqlText
{
    private static readonly Assembly Owner = typeof(SqlText).Assembly;

    /// <param name="path">Path within the project, such as <c>Rooms/GetRoom.sql</c>.</param>
    public static string Read(string path)
    {
        using var stream = Owner.GetManifestResourceStream(path)
            ?? throw new InvalidOperationException($"There is no embedded file '{path}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Paths of the embedded files in a folder, in order.</summary>
    public static IReadOnlyList<string> List(string folder) =>
        [.. Owner.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
