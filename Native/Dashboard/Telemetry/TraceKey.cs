using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Dashboard.Telemetry;

/// <summary>A trace's id: 16 bytes that are not all zero.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TraceKey(ulong High, ulong Low)
{
    public const int Size = 16;

    public bool IsNone => (High | Low) == 0;

    public static TraceKey Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size ? new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])) : default;

    public static TraceKey Parse(string? text) =>
        text is { Length: 32 }
        && ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
        && ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
            ? new(high, low)
            : default;

    public override string ToString() => $"{High:x16}{Low:x16}";
}

/// <summary>A span's id: 8 bytes that are not all zero.</summary>
public readonly record struct SpanKey(ulong Value)
{
    public const int Size = 8;

    public bool IsNone => Value == 0;

    public static SpanKey Read(ReadOnlySpan<byte> bytes) => bytes.Length == Size ? new(BinaryPrimitives.ReadUInt64BigEndian(bytes)) : default;

    public static SpanKey Parse(string? text) =>
        text is { Length: 16 } && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? new(value) : default;

    public override string ToString() => $"{Value:x16}";
}
