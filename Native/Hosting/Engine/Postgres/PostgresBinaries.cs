namespace Aspire.Hosting.Engine.Postgres;

/// <summary>Where PostgreSQL's programs are: on PATH, or where distributions put them (newest first).</summary>
internal sealed record PostgresBinaries(string Folder)
{
    public string Initdb => Path.Combine(Folder, "initdb");

    public string Server => Path.Combine(Folder, "postgres");

    public static PostgresBinaries Find()
    {
        var candidates = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(Versions("/usr/lib/postgresql"))
            .Concat(Versions("/opt/homebrew/opt"))
            .Concat(Versions("/usr/local/opt"))
            .Concat(Versions("/usr").Where(f => f.Contains("pgsql-", StringComparison.Ordinal)));
        return candidates.Select(f => new PostgresBinaries(f)).FirstOrDefault(b => File.Exists(b.Initdb) && File.Exists(b.Server))
            ?? throw new DistributedApplicationException(
                "PostgreSQL's programs (initdb, postgres) were not found on PATH or in /usr/lib/postgresql/*/bin. Install them, for example with "
                + "'apt-get install postgresql' or 'brew install postgresql', and start again.");
    }

    private static IEnumerable<string> Versions(string parent) => Directory.Exists(parent)
        ? Directory.EnumerateDirectories(parent)
            .Where(d => parent == "/usr/lib/postgresql" || Path.GetFileName(d).StartsWith("postgresql", StringComparison.Ordinal)
                || Path.GetFileName(d).StartsWith("pgsql-", StringComparison.Ordinal))
            .OrderByDescending(VersionOf)
            .Select(d => Path.Combine(d, "bin"))
        : [];

    private static int VersionOf(string folder) =>
        int.TryParse(new string([.. Path.GetFileName(folder).Where(char.IsAsciiDigit)]), out var version) ? version : 0;
}
