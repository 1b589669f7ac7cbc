using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Contracts;
using Contracts.Layouts;
using Dbman.Postgres;
using Npgsql;

namespace Dbman.Layouts;

/// <summary>Scopes, records and JSON, from and to the tables.</summary>
internal static class LayoutRows
{
    /// <summary>Tenant and room of a scope as the tables keep them: an empty string is no valid id, and means none.</summary>
    public static NpgsqlParameter[] Args(this LayoutScope scope) => [Arg.Text("tenant", scope.Tenant ?? ""), Arg.Text("room", scope.Room ?? "")];

    public static LayoutScope Scope(NpgsqlDataReader row, int first) => new(OrNone(row.GetString(first)), OrNone(row.GetString(first + 1)));

    public static LayoutState? State(NpgsqlDataReader row, int column) =>
        row.TextOrNull(column) is { } json ? Read(json, ContractsJsonContext.Default.LayoutState) : null;

    /// <summary>Null for none.</summary>
    public static string? Write(LayoutState? state) => state is null ? null : JsonSerializer.Serialize(state, ContractsJsonContext.Default.LayoutState);

    /// <summary>epoch, tenant_id, room_id, state, changed_by, reason, changed_at.</summary>
    public static LayoutRecord Record(NpgsqlDataReader row, int first = 0) => new(
        row.GetInt64(first),
        Scope(row, first + 1),
        State(row, first + 3),
        row.GetString(first + 4),
        row.TextOrNull(first + 5),
        row.Time(first + 6));

    /// <summary>A record, or null where an outer join found none.</summary>
    public static LayoutRecord? RecordOrNull(NpgsqlDataReader row, int first) => row.IsDBNull(first) ? null : Record(row, first);

    public static T Read<T>(string json, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(json, type) ?? throw new InvalidOperationException($"A stored {typeof(T).Name} is null.");

    private static string? OrNone(string id) => id.Length == 0 ? null : id;
}
