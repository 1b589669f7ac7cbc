namespace Aspire.Hosting.Engine.Postgres;

/// <summary>
/// Where PostgreSQL's programs are: where the environment variable says, else on PATH, else where distributions put them (newest first).
/// </summary>
internal sealed record PostgresBinaries(string Folder)
{
    private const string Variable = "POSTGRES_BIN";

    public string Initdb => Path.Combine(Folder, "initdb");

    public string Server => Path.Combine(Folder, "postgres");

    public static PostgresBinaries Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return IsComplete(new PostgresBinaries(given))
                ? new PostgresBinaries(given)
                : throw new DistributedApplicationException($"{Variable} is '{given}', but initdb and postgres are not there. Correct it, or unset it.");
        }

        var candidates = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(Versions("/usr/lib/postgresql"))
            .Concat(Versions("/opt/homebrew/opt"))
            .Concat(Versions("/usr/local/opt"))
            .Concat(Versions("/usr").Where(f => f.Contains("pgsql-", StringComparison.Ordinal)));
        return candidates.Select(f => new PostgresBinaries(f)).FirstOrDefault(IsComplete)
            ?? throw new DistributedApplicationException(
                "PostgreSQL's programs (initdb, postgres) were not found on PATH or in /usr/lib/postgresql/*/bin. Install them, for example with "
                + $"'apt-get install postgresql' or 'brew install postgresql', or set {Variable} to their folder, and start again.");
    }

    private static bool IsComplete(PostgresBinaries binaries) => File.Exists(binaries.Initdb) && File.Exists(binaries.Server);

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
