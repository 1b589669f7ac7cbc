using System.Globalization;

namespace Bench.Layouts;

/// <summary>Medians over the rounds, as Markdown.</summary>
internal sealed class LayoutsTable
{
    private readonly List<LayoutsRow> _rows = [];

    public void Add(LayoutsRow row) => _rows.Add(row);

    public void Print(TextWriter output)
    {
        foreach (var brokers in _rows.GroupBy(static row => row.Brokers))
        {
            output.WriteLine($"\n## {brokers.Key}\n");
            output.WriteLine("| layout | messages/s at most | of legacy | brokers' CPU a message | of legacy | busiest broker | nodes' CPU a message | paced p50 / p99 | p99 of legacy |");
            output.WriteLine("|---|---|---|---|---|---|---|---|---|");
            var legacy = brokers.Where(static row => row.Layout == "legacy").ToDictionary(static row => row.Round);
            foreach (var layout in brokers.GroupBy(static row => row.Layout))
            {
                var rows = layout.ToArray();
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {layout.Key} | {Of(static row => row.Full.Rate):0} | {Ratio(static row => row.Full.Rate)} | {Of(static row => row.Full.Redis):0.0} us | {Ratio(static row => row.Full.Redis)} | {Of(static row => row.Full.Busiest):0%} | {Of(static row => row.Full.Nodes):0} us | {Of(static row => row.Paced.Median):0.0} / {Of(static row => row.Paced.P99):0.0} ms | {Ratio(static row => row.Paced.P99)} |"));

                double Of(Func<LayoutsRow, double> figure) => Median(rows.Select(figure));

                // The range shows the noise of the machine.
                string Ratio(Func<LayoutsRow, double> figure)
                {
                    var ratios = rows.Select(row => figure(row) / figure(legacy[row.Round])).Order().ToArray();
                    return string.Create(CultureInfo.InvariantCulture, $"{Median(ratios):0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00})");
                }
            }
        }
    }

    /// <summary>Of an even number of values the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
