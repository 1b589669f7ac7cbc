namespace Tests.Deploy.Scaling;

/// <summary>Load over time, in multiples of what the fewest replicas carry at their target.</summary>
/// <param name="Name">Names the plot.</param>
/// <param name="Seconds">How long it is.</param>
/// <param name="At">Load at a second.</param>
/// <param name="Peak">Seconds in which it is high, from and to.</param>
internal sealed record LoadTrace(string Name, int Seconds, Func<double, double> At, (int From, int To) Peak)
{
    public static IReadOnlyList<LoadTrace> All { get; } =
    [
        new("step", 4_800, static t => t is >= 600 and < 2_400 ? 4 : 1, (600, 2_400)),
        new("ramp", 5_400, static t => 1 + (4 * Math.Clamp(Math.Min((t - 600) / 900, (3_300 - t) / 900), 0, 1)), (600, 3_300)),
        new("spike", 3_600, static t => t is >= 600 and < 660 ? 8 : 1, (600, 660)),
        new("diurnal", 21_600 + 1_800, static t => 1 + (1.75 * (1 - Math.Cos(2 * Math.PI * Math.Min(t, 21_600) / 21_600))), (0, 21_600)),
        new("flapping", 4_800, static t => t is < 600 or >= 3_000 ? 1 : 1 + (1.5 * Wave((t - 600) % 180)), (600, 3_000)),
    ];

    /// <summary>High for 90 s, low for 90 s; it takes ten to rise and ten to fall.</summary>
    private static double Wave(double t) => Math.Clamp(Math.Min(t, 90 - t) / 10, 0, 1);

    public static LoadTrace Named(string name) => All.Single(t => t.Name == name);
}
