using System.Globalization;

namespace Bench.Layouts;

/// <summary>Medians over the rounds, as Markdown.</summary>
internal sealed class LimitTable
{
    private const double First = 1_000;

    private readonly List<LimitRow> _rows = [];

    public void Add(LimitRow row) => _rows.Add(row);

    /// <summary>Where to begin: what the same or the nearest thing carried before.</summary>
    public double Expected(LimitKey key) =>
        _rows.LastOrDefault(row => row.Key == key)?.Rate * 0.9
        ?? _rows.LastOrDefault(row => row.Key.Legacy with { Masters = key.Masters } == key.Legacy)?.Rate
        ?? _rows.LastOrDefault(row => row.Key.Legacy with { Masters = key.Masters, Wire = key.Wire, Bytes = key.Bytes } == key.Legacy)?.Rate
        ?? First;

    /// <summary>The legacy channel of the same round, brokers and load, with bundles or without as this one.</summary>
    public LimitRow Legacy(LimitRow row) =>
        _rows.FirstOrDefault(other => other.Round == row.Round && other.Key == row.Key.Legacy) ?? row;

    public void Print(TextWriter output)
    {
        foreach (var load in _rows.GroupBy(static row => (row.Key.Batch, row.Key.Bytes)).OrderByDescending(static load => load.Key.Batch).ThenBy(static load => load.Key.Bytes))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n## batches of {load.Key.Batch}, {load.Key.Bytes} bytes of text\n"));
            output.WriteLine("| brokers | layout | bundles | messages/s at most | of legacy | of legacy without bundles | brokers' CPU a message | of legacy | of without bundles | busiest | packets a message | nodes' CPU | p50 / p99 at 0.9 of legacy | p99 of legacy | signals' p99 calm / in the flood |");
            output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
            foreach (var cell in load.GroupBy(static row => row.Key).OrderBy(static cell => cell.Key.Masters).ThenBy(static cell => cell.Key.Layout).ThenByDescending(static cell => cell.Key.IsBoth).ThenBy(static cell => cell.Key.Wire))
            {
                var rows = cell.ToArray();
                var key = cell.Key;
                var signals = rows[0].Calm is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{Of(static row => row.Calm!.Value):0.0} / {Of(static row => row.Flooded!.Value):0.0} ms");
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {key.Masters} | {key.Name} | {(key.Wire > 1 ? "yes" : "no")} | {Of(static row => row.Rate):0} | {Ratio(static key => key.Legacy, static row => row.Rate)} | {Ratio(static key => key.Legacy with { Wire = 1 }, static row => row.Rate)} | {Of(static row => row.Most.Redis):0.00} us | {Ratio(static key => key.Legacy, static row => row.Most.Redis)} | {Ratio(static key => key with { Wire = 1 }, static row => row.Most.Redis)} | {Of(static row => row.Most.Busiest):0%} | {Of(static row => row.Most.Packets):0.00} | {Of(static row => row.Most.Nodes):0} us | {Of(static row => row.AtLegacy.Median):0.0} / {Of(static row => row.AtLegacy.P99):0.0} ms | {Ratio(static key => key.Legacy, static row => row.AtLegacy.P99)} | {signals} |"));

                double Of(Func<LimitRow, double> figure) => LayoutsTable.Median(rows.Select(figure));

                // Of the same round; the range shows the noise of the machine.
                string Ratio(Func<LimitKey, LimitKey> of, Func<LimitRow, double> figure)
                {
                    var ratios = rows
                        .Select(row => (Row: row, Of: _rows.FirstOrDefault(other => other.Round == row.Round && other.Key == of(row.Key))))
                        .Where(static pair => pair.Of is not null)
                        .Select(pair => figure(pair.Row) / figure(pair.Of!))
                        .Order()
                        .ToArray();
                    return ratios.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{LayoutsTable.Median(ratios):0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00})");
                }
            }
        }
    }
}
