using System.Globalization;

namespace Bench.Drill;

/// <summary>What happened, and whether it is good enough: a table as Markdown, and the exit code.</summary>
internal static class DrillTable
{
    public static int Print(DrillPlan plan, IReadOnlyList<DrillPhase> phases, DrillLoad load)
    {
        var delays = load.Readers.SelectMany(static reader => reader.Deliveries).ToLookup(static d => d.Phase, static d => d.Delay);
        Line($"{plan.Rooms} rooms, {plan.Readers} readers each, {plan.Writers} writers, {plan.Rate} messages a second; each fault lasts {plan.Hurt.TotalSeconds} s.");
        Line($"");
        Line($"| phase | messages | calls | 5xx or no answer | p50 | p99 | longest |");
        Line($"|---|---|---|---|---|---|---|");
        for (var phase = 0; phase < phases.Count; phase++)
        {
            var sorted = delays[phase].Order().ToArray();
            Line($"| {phases[phase].Name} | {load.Posted[phase]} | {load.Attempts[phase]} | {load.Failures[phase]} | {At(sorted, 0.5):0.0} ms | {At(sorted, 0.99):0.0} ms | {At(sorted, 1):0} ms |");
        }

        var calm = phases.Select(static (phase, at) => (phase.IsCalm, at)).Where(static p => p.IsCalm).Select(static p => p.at).ToList();
        var worst = calm.Max(phase => At([.. delays[phase].Order()], 0.99));
        var peak = phases.Select(static (phase, at) => (phase.IsPeak, at)).Where(static p => p.IsPeak).Max(p => At([.. delays[p.at].Order()], 0.99));
        var (lost, doubled, disorder) = (load.Readers.Sum(Lost), load.Readers.Sum(Doubled), load.Readers.Sum(Disorder));
        var errors = (double)load.Failures.Sum() / Math.Max(1, load.Attempts.Sum());
        var calmErrors = calm.Sum(phase => load.Failures[phase]);
        (string Gate, string Bound, string Seen, bool Holds)[] gates =
        [
            ("lost", "0", Text(lost), lost == 0),
            ("doubled", "0", Text(doubled), doubled == 0),
            ("out of order", "0", Text(disorder), disorder == 0),
            ("p99 while calm", $"{plan.P99} ms", string.Create(CultureInfo.InvariantCulture, $"{worst:0.0} ms"), worst <= plan.P99),
            ("p99 at four times the rate", $"{plan.PeakP99} ms", string.Create(CultureInfo.InvariantCulture, $"{peak:0.0} ms"), peak <= plan.PeakP99),
            ("failed calls while calm", "0", Text(calmErrors), calmErrors == 0),
            ("failed calls in all", $"{plan.ErrorRate * 100:0} %", string.Create(CultureInfo.InvariantCulture, $"{errors * 100:0.0} %"), errors <= plan.ErrorRate),
            ("delivered", "some", Text(load.Readers.Sum(static r => r.Seqs.Count)), load.Readers.Sum(static r => r.Seqs.Count) > 0),
        ];
        Line($"");
        Line($"| gate | bound | seen | |");
        Line($"|---|---|---|---|");
        foreach (var (gate, bound, seen, holds) in gates)
        {
            Line($"| {gate} | {bound} | {seen} | {(holds ? "holds" : "**broken**")} |");
        }

        var go = gates.All(static gate => gate.Holds);
        Line($"");
        Line($"**{(go ? "GO" : "NO-GO")}**");
        return go ? 0 : 1;
    }

    private static long Lost(Reader reader) => reader.Expected - reader.Seqs.Where(seq => seq >= 1 && seq <= reader.Expected).Distinct().LongCount();

    private static long Doubled(Reader reader) => reader.Seqs.Count - reader.Seqs.Distinct().LongCount();

    private static long Disorder(Reader reader) => reader.Seqs.Zip(reader.Seqs.Skip(1)).LongCount(static pair => pair.Second < pair.First);

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)(share * (sorted.Length - 1))];

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
