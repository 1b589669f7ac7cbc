using Contracts.Layouts;

namespace Layouts.Autopilot;

/// <summary>What a gate says.</summary>
internal enum GateState
{
    /// <summary>Its figure is within its bound, or it has nothing to say in this stage.</summary>
    Holds,

    /// <summary>Nothing can be said yet: the stage is not left before.</summary>
    Open,

    /// <summary>Its figure is beyond its bound: the scope is rolled back.</summary>
    Broken,
}

/// <summary>One gate with the figure that it rests on.</summary>
/// <param name="Name">One of <see cref="GateNames"/>.</param>
/// <param name="State">What it says.</param>
/// <param name="Value">The figure; null: there is none.</param>
/// <param name="Bound">What it is compared with; null: nothing.</param>
/// <param name="Unit">1 or s.</param>
/// <param name="Text">In words.</param>
internal sealed record Gate(string Name, GateState State, double? Value, double? Bound, string Unit, string Text)
{
    public GateStatus Report() => new(
        Name,
        State switch
        {
            GateState.Holds => GateVerdicts.Holds,
            GateState.Open => GateVerdicts.Open,
            _ => GateVerdicts.Broken,
        },
        Value,
        Bound,
        Unit,
        Text);
}

/// <summary>Names of gates: in decisions, in the admin API and on pages.</summary>
internal static class GateNames
{
    public const string Figures = "figures";
    public const string Parity = "parity";
    public const string Latency = "latency";
    public const string Failed = "failed";
    public const string Repaired = "repaired";
    public const string Lost = "lost";
    public const string SlowConsumers = "slow-consumers";
}
