using Npgsql;
using NpgsqlTypes;

namespace Dbman.Postgres;

/// <summary>Typed parameters. An explicit type keeps one plan per statement, whatever the value, null included.</summary>
internal static class Arg
{
    public static NpgsqlParameter Text(string name, string? value) => Of(name, NpgsqlDbType.Text, value);

    public static NpgsqlParameter Texts(string name, IEnumerable<string?> values) => Of(name, NpgsqlDbType.Array | NpgsqlDbType.Text, values as string?[] ?? values.ToArray());

    public static NpgsqlParameter Long(string name, long value) => new NpgsqlParameter<long>(name, NpgsqlDbType.Bigint) { TypedValue = value };

    public static NpgsqlParameter OptionalLong(string name, long? value) => Of(name, NpgsqlDbType.Bigint, value);

    public static NpgsqlParameter Longs(string name, long[] values) => Of(name, NpgsqlDbType.Array | NpgsqlDbType.Bigint, values);

    public static NpgsqlParameter Int(string name, int value) => new NpgsqlParameter<int>(name, NpgsqlDbType.Integer) { TypedValue = value };

    public static NpgsqlParameter OptionalInt(string name, int? value) => Of(name, NpgsqlDbType.Integer, value);

    public static NpgsqlParameter Ints(string name, IEnumerable<int> values) => Of(name, NpgsqlDbType.Array | NpgsqlDbType.Integer, values.ToArray());

    public static NpgsqlParameter Double(string name, double value) => new NpgsqlParameter<double>(name, NpgsqlDbType.Double) { TypedValue = value };

    public static NpgsqlParameter Flag(string name, bool value) => new NpgsqlParameter<bool>(name, NpgsqlDbType.Boolean) { TypedValue = value };

    public static NpgsqlParameter OptionalFlag(string name, bool? value) => Of(name, NpgsqlDbType.Boolean, value);

    public static NpgsqlParameter Jsonb(string name, string? value) => Of(name, NpgsqlDbType.Jsonb, value);

    public static NpgsqlParameter Json(string name, string? value) => Of(name, NpgsqlDbType.Json, value);

    public static NpgsqlParameter Time(string name, DateTimeOffset value) =>
        new NpgsqlParameter<DateTime>(name, NpgsqlDbType.TimestampTz) { TypedValue = value.UtcDateTime };

    public static NpgsqlParameter OptionalTime(string name, DateTimeOffset? value) => Of(name, NpgsqlDbType.TimestampTz, value?.UtcDateTime);

    private static NpgsqlParameter Of(string name, NpgsqlDbType type, object? value) => new(name, type) { Value = value ?? DBNull.Value };
}
