using System.Globalization;

namespace Layouts.Console.Live;

/// <summary>Numbers and times as short as people read them.</summary>
internal static class DisplayText
{
    private static readonly string[] Scales = ["", "k", "M", "G"];

    public static string Ago(TimeSpan age) => age.TotalSeconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, age.TotalSeconds):0.0} s ago"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0} s ago"),
        < 7_200 => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min ago"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days ago"),
    };

    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Seconds(double? seconds) => seconds is not { } value || !double.IsFinite(value) ? "–" : Math.Abs(value) switch
    {
        0 => "0 ms",
        < 1e-3 => $"{Short(value * 1e6)} µs",
        < 1 => $"{Short(value * 1e3)} ms",
        < 120 => $"{Short(value)} s",
        < 7_200 => $"{Short(value / 60)} min",
        _ => $"{Short(value / 3_600)} h",
    };

    public static string Rate(double? perSecond) => perSecond is { } value ? $"{Count(value)}/s" : "–";

    public static string Percent(double? ratio) => ratio is { } value ? $"{(value is > 0.999 and < 1 ? value * 100 : Math.Round(value * 100, 3)).ToString("0.###", CultureInfo.InvariantCulture)} %" : "–";

    public static string Count(double number)
    {
        var scale = 0;
        while (Math.Abs(number) >= 10_000 && scale < Scales.Length - 1)
        {
            number /= 1_000;
            scale++;
        }

        return scale == 0 ? Short(number) : $"{Short(number)} {Scales[scale]}";
    }

    /// <param name="number">Null: there is none.</param>
    /// <param name="unit">s, 1 for a ratio, /s, or nothing for a count.</param>
    public static string Value(double? number, string unit) => unit switch
    {
        "s" => Seconds(number),
        "1" => Percent(number),
        "/s" => Rate(number),
        _ => number is { } value ? Count(value) : "–",
    };

    public static string Plural(long count, string one, string? many = null) => $"{count} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>Three digits, which is what an eye takes in; whole numbers stay whole.</summary>
    private static string Short(double number) => number.ToString(
        number == Math.Truncate(number) ? "0" : Math.Abs(number) switch { < 0.01 => "0.####", < 10 => "0.##", < 100 => "0.#", _ => "0" }, CultureInfo.InvariantCulture);
}
