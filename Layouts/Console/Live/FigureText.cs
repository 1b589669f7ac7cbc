using System.Globalization;
using Layouts.Autopilot;

namespace Layouts.Console.Live;

/// <summary>A figure that a decision or a gate rests on, for people.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">With its unit.</param>
/// <param name="Bound">What it is compared with, such as <c>≤ 0.1 %</c>; null: nothing.</param>
/// <param name="IsBroken">Whether it is beyond that.</param>
internal sealed record FigureText(string Name, string Value, string? Bound = null, bool IsBroken = false)
{
    private const string BoundSuffix = "_bound";
    private const string SecondsSuffix = "_seconds";
    private const string PerSecondSuffix = "_per_second";
    private const string ShareSuffix = "_share";

    /// <summary>Figures of a decision, each with its bound; names that nobody here knows stay as they are.</summary>
    public static IReadOnlyList<FigureText> Of(IReadOnlyDictionary<string, double> figures) =>
    [
        .. figures
            .Where(entry => !(entry.Key.EndsWith(BoundSuffix, StringComparison.Ordinal) && figures.ContainsKey(entry.Key[..^BoundSuffix.Length])))
            .Select(entry => Of(entry.Key, entry.Value, figures.TryGetValue(entry.Key + BoundSuffix, out var bound) ? bound : null)),
    ];

    /// <summary>A gate's figure, with a dash where there is none.</summary>
    public static FigureText OfGate(string gate, double? value, double? bound) => new(
        gate.Replace('_', ' ').Replace('-', ' '),
        Display(gate, value),
        bound is null ? null : $"{(IsLeast(gate) ? '≥' : '≤')} {Display(gate, bound)}",
        IsLeast(gate) ? value < bound : value > bound);

    private static FigureText Of(string name, double value, double? bound) =>
        KnownGate(name) is { } gate ? OfGate(gate, value, bound)
        : name.EndsWith(PerSecondSuffix, StringComparison.Ordinal) ? new(Plain(name[..^PerSecondSuffix.Length]), DisplayText.Rate(value))
        : name.EndsWith(SecondsSuffix, StringComparison.Ordinal) ? new(Plain(name[..^SecondsSuffix.Length]), DisplayText.Seconds(value))
        : name.EndsWith(ShareSuffix, StringComparison.Ordinal) ? new(Plain(name[..^ShareSuffix.Length]), DisplayText.Percent(value))
        : new(Plain(name), value.ToString("0.####", CultureInfo.InvariantCulture));

    private static string Display(string gate, double? value) => gate switch
    {
        GateNames.Latency => DisplayText.Seconds(value),
        GateNames.Figures or GateNames.SlowConsumers => DisplayText.Value(value, ""),
        _ => DisplayText.Percent(value),
    };

    /// <summary>Parity has to be high; everything else low.</summary>
    private static bool IsLeast(string gate) => gate == GateNames.Parity;

    private static string? KnownGate(string name) => name.Replace('_', '-') switch
    {
        GateNames.Figures or GateNames.Parity or GateNames.Latency or GateNames.Failed or GateNames.Repaired or GateNames.Lost or GateNames.SlowConsumers => name.Replace('_', '-'),
        _ => null,
    };

    private static string Plain(string name) => name.Replace('_', ' ');
}
