using System.Globalization;
using Bench.Fanout;
using Contracts.Layouts;
using Realtime.Wire;

namespace Bench.Layouts;

/// <summary>
/// How much a hot room carries when its brokers are the limit. Each broker is held to a share of a processor; the rate rises until the delay of
/// messages, or their number, gives way. Messages are sent when they are due, whatever became of those before, and their delay counts from then.
/// </summary>
internal static class LimitRun
{
    private const double Step = 1.25;
    private const int Refinements = 3;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        if (arguments.Has("reshard"))
        {
            return await ReshardRun.RunAsync(arguments);
        }

        var table = new LimitTable();
        var folder = Directory.CreateTempSubdirectory("bench-limit-");
        try
        {
            for (var round = 0; round < arguments.Number("rounds", 5); round++)
            {
                foreach (var masters in List(arguments.Text("masters", "1,3,6")))
                {
                    await MeasureAsync(arguments, folder, round, masters, table);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        table.Print(Console.Out);
        return 0;
    }

    private static async Task MeasureAsync(Arguments arguments, DirectoryInfo folder, int round, int masters, LimitTable table)
    {
        await using var rig = await LimitRig.StartAsync(arguments, folder, masters);
        var batches = List(arguments.Text("batches", "16,1"));
        var lengths = List(arguments.Text("bytes", "100,4096"));
        var current = LayoutRules.Legacy;
        foreach (var layout in (int[])[LayoutRules.Legacy, .. List(arguments.Text("shards", "1,4,8,16"))])
        {
            foreach (var state in LayoutPoint.Between(current, layout))
            {
                await rig.ApplyAsync(state);

                // On the way from the legacy channel both sides are published to.
                if (current == LayoutRules.Legacy && state is { Stage: LayoutStages.Cutover, Step: LayoutSteps.Listen })
                {
                    await CellAsync(new LimitKey(masters, layout, batches[0], lengths[0], Wire: Bundle.Since, IsBoth: true));
                }
            }

            current = layout;
            foreach (var batch in batches)
            {
                foreach (var bytes in lengths)
                {
                    foreach (var wire in List(arguments.Text("wires", "1,2")))
                    {
                        await CellAsync(new LimitKey(masters, layout, batch, bytes, wire));
                    }
                }
            }
        }

        async Task CellAsync(LimitKey key)
        {
            await rig.SpeakAsync(key.Wire);
            var row = await SearchAsync(rig, key, round, table.Expected(key));
            var pace = PaceOf(key, 0.9 * table.Legacy(row).Rate);
            row = row with { AtLegacy = (await rig.TryAsync(pace)).Figures };
            if (key.Wire >= Bundle.Since && key.Batch == batches[0] && key.Bytes == lengths[0])
            {
                row = row with { Calm = await rig.SignalsAsync(null), Flooded = await rig.SignalsAsync(pace) };
            }

            table.Add(row);
            Console.Error.WriteLine(row);
        }
    }

    public static async Task<LimitRow> SearchAsync(LimitRig rig, LimitKey key, int round, double expected)
    {
        var rate = expected;
        LayoutsFigures? best = null;
        var (low, high) = (0d, double.PositiveInfinity);
        for (var refined = 0; refined < Refinements;)
        {
            var (figures, holds) = await rig.TryAsync(PaceOf(key, rate));
            if (!holds)
            {
                // Once more: what else the machine does must not pass for a limit.
                (figures, holds) = await rig.TryAsync(PaceOf(key, rate));
            }

            if (holds)
            {
                (low, best) = (rate, figures);
            }
            else
            {
                high = rate;
            }

            if (low > 0 && double.IsFinite(high))
            {
                refined++;
            }

            rate = double.IsInfinity(high) ? rate * Step : low > 0 ? (low + high) / 2 : rate / Step;
            if (rate < 1)
            {
                throw new InvalidOperationException($"{key} carries nothing.");
            }
        }

        return new LimitRow(key, round, best!, best!);
    }

    /// <summary>As many messages may be under way, whatever the batch, up to what nodes take in calls at once.</summary>
    public static Pace PaceOf(LimitKey key, double rate) => new((int)Math.Max(1, rate), Math.Clamp(1_024 / key.Batch, 64, 480), key.Batch, key.Bytes);

    private static int[] List(string text) => [.. text.Split(',').Select(static number => int.Parse(number, CultureInfo.InvariantCulture))];
}

/// <summary>What is measured.</summary>
/// <param name="Masters">Brokers.</param>
/// <param name="Layout">Shards; 0: the legacy channel.</param>
/// <param name="Batch">Messages a call.</param>
/// <param name="Bytes">Length of a message's text.</param>
/// <param name="Wire">What nodes read: 1 single messages, 2 bundles.</param>
/// <param name="IsBoth">Whether the legacy channel is published to as well.</param>
internal sealed record LimitKey(int Masters, int Layout, int Batch, int Bytes, int Wire, bool IsBoth = false)
{
    /// <summary>The legacy channel under the same load.</summary>
    public LimitKey Legacy => this with { Layout = LayoutRules.Legacy, IsBoth = false };

    public string Name => Layout == LayoutRules.Legacy ? "legacy" : IsBoth ? $"legacy and {Layout} shards" : Layout == 1 ? "1 shard" : $"{Layout} shards";
}

/// <summary>The highest rate that held, and the load at nine tenths of what the legacy channel carries.</summary>
/// <param name="Key">What was measured.</param>
/// <param name="Round">From 0.</param>
/// <param name="Most">At the highest rate.</param>
/// <param name="AtLegacy">At nine tenths of the legacy channel's.</param>
/// <param name="Calm">p99 of signals in ms while nothing else is sent; null: not measured.</param>
/// <param name="Flooded">p99 of signals in ms among messages at nine tenths of the legacy channel's rate.</param>
internal sealed record LimitRow(LimitKey Key, int Round, LayoutsFigures Most, LayoutsFigures AtLegacy, double? Calm = null, double? Flooded = null)
{
    public double Rate => Most.Rate;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"round {Round + 1}, {Key.Masters} brokers, {Key.Name}, batch {Key.Batch}, {Key.Bytes} B, wire {Key.Wire}: {Most}; at 0.9 of legacy: {AtLegacy}; signals' p99 {Calm:0.0}, in the flood {Flooded:0.0} ms");
}
