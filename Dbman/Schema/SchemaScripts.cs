using Dbman.Postgres;
using Npgsql;

namespace Dbman.Schema;

/// <summary>The scripts that this version knows, and those that a database has seen.</summary>
internal static class SchemaScripts
{
    public const string JournalSchema = "public";
    public const string JournalTable = "schema_versions";

    private const string Folder = "Schema/Scripts/";

    private static readonly string ReadJournal = SqlText.Read("Schema/ReadJournal.sql");

    /// <summary>Names in the order in which they are applied, such as <c>0001_tenants_and_users.sql</c>.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. SqlText.List(Folder).Select(static path => path[Folder.Length..])];

    public static string Read(string name) => SqlText.Read(Folder + name);

    /// <summary>What the database has seen; empty when it is new.</summary>
    public static async Task<IReadOnlySet<string>> ReadAppliedAsync(Database database, CancellationToken cancellationToken)
    {
        try
        {
            var names = await database.ListAsync(ReadJournal, static row => row.GetString(0), [], cancellationToken);
            return names.ToHashSet(StringComparer.Ordinal);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return new HashSet<string>(StringComparer.Ordinal);
        }
    }

    /// <summary>Known scripts that were not applied.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlySet<string> applied) => [.. Known.Where(name => !applied.Contains(name))];

    /// <summary>Applied scripts that this version does not know: a newer one was here.</summary>
    public static IReadOnlyList<string> Newer(IReadOnlySet<string> applied) => [.. applied.Except(Known, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
