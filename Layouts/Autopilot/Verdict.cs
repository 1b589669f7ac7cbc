using System.Globalization;

namespace Layouts.Autopilot;

/// <summary>What is to become of a stage.</summary>
internal enum VerdictKind
{
    /// <summary>It stays.</summary>
    Hold,

    /// <summary>The next one.</summary>
    Promote,

    /// <summary>Back.</summary>
    RollBack,
}

/// <summary>What the gates come to.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Text">Why.</param>
/// <param name="Key">The same reason has the same key, whatever its figures.</param>
internal sealed record Verdict(VerdictKind Kind, string Text, string Key)
{
    /// <summary>In decisions and answers.</summary>
    public string Word => Kind switch
    {
        VerdictKind.Hold => "hold",
        VerdictKind.Promote => "promote",
        _ => "roll-back",
    };

    /// <summary>One broken gate rolls back, whatever the others say; an open one holds, however long.</summary>
    /// <param name="gates">All of them.</param>
    /// <param name="soaked">How long they have been looked at.</param>
    /// <param name="soak">How long they have to hold.</param>
    public static Verdict Of(IReadOnlyList<Gate> gates, TimeSpan soaked, TimeSpan soak)
    {
        var broken = gates.Where(static gate => gate.State == GateState.Broken).ToArray();
        if (broken.Length > 0)
        {
            return new Verdict(VerdictKind.RollBack, $"Broken: {string.Join("; ", broken.Select(Say))}.", "broken " + Names(broken));
        }

        var open = gates.Where(static gate => gate.State == GateState.Open).ToArray();
        return open.Length > 0 ? new Verdict(VerdictKind.Hold, $"Nothing can be said yet: {string.Join("; ", open.Select(Say))}.", "open " + Names(open))
            : soaked < soak ? new Verdict(VerdictKind.Hold, "All gates hold; they must hold for the rest of the soak.", "soak")
            : new Verdict(VerdictKind.Promote, string.Create(CultureInfo.InvariantCulture, $"All gates have held for {soaked.TotalSeconds:0.#} s."), "promote");
    }

    private static string Names(IEnumerable<Gate> gates) => string.Join(' ', gates.Select(static gate => gate.Name));

    private static string Say(Gate gate) => gate is { State: GateState.Broken, Value: { } value, Bound: { } bound }
        ? string.Create(CultureInfo.InvariantCulture, $"{gate.Name} {value:0.#####} against {bound:0.#####} ({gate.Text})")
        : $"{gate.Name}: {gate.Text}";
}
