using System.Globalization;

namespace Dashboard.Charts;

/// <summary>Numbers with their units, as short as people read them.</summary>
internal static class Quantity
{
    private static readonly string[] Bytes = ["B", "kB", "MB", "GB", "TB"];
    private static readonly string[] Counts = ["", "k", "M", "G", "T"];

    /// <summary>A value of an instrument, whose unit is as OpenTelemetry writes it: s, ms, By, {message}, 1.</summary>
    public static string Text(double? value, string unit = "") => value is not { } number || !double.IsFinite(number) ? "–" : unit switch
    {
        "s" => Seconds(number),
        "ms" => Seconds(number / 1_000),
        "us" => Seconds(number / 1_000_000),
        "ns" => Seconds(number / 1_000_000_000),
        "By" => Scaled(number, Bytes, " "),
        "By/s" => $"{Scaled(number, Bytes, " ")}/s",
        "%" => $"{Short(number)} %",
        _ when unit.EndsWith("/s", StringComparison.Ordinal) => $"{Scaled(number, Counts, string.Empty)}/s",
        _ => Scaled(number, Counts, string.Empty),
    };

    /// <summary>A time in nanoseconds.</summary>
    public static string Duration(long nanos) => Seconds(nanos / 1e9);

    private static string Seconds(double seconds) => Math.Abs(seconds) switch
    {
        0 => "0 ms",
        < 1e-6 => $"{Short(seconds * 1e9)} ns",
        < 1e-3 => $"{Short(seconds * 1e6)} µs",
        < 1 => $"{Short(seconds * 1e3)} ms",
        < 120 => $"{Short(seconds)} s",
        < 7_200 => $"{Short(seconds / 60)} min",
        _ => $"{Short(seconds / 3_600)} h",
    };

    private static string Scaled(double number, string[] units, string space)
    {
        var unit = 0;
        while (Math.Abs(number) >= 1_000 && unit < units.Length - 1)
        {
            number /= 1_000;
            unit++;
        }

        return units[unit].Length == 0 ? Short(number) : $"{Short(number)}{space}{units[unit]}";
    }

    /// <summary>Three digits, which is what an eye takes in.</summary>
    private static string Short(double number) => number.ToString(
        Math.Abs(number) switch { 0 => "0", < 0.01 => "0.####", < 10 => "0.##", < 100 => "0.#", _ => "0" }, CultureInfo.InvariantCulture);
}
