using System.Globalization;
using System.Text;
using Bench.Fanout;
using Contracts.Layouts;
using Realtime.Wire;

namespace Bench.Layouts;

/// <summary>
/// A hot room at nine tenths of what one shard carries, whose number of shards changes meanwhile: throughput and delay over time, and whether anything
/// was lost, doubled or misordered. Draws a picture.
/// </summary>
internal static class ReshardRun
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(4);
    private static readonly int[] Walk = [1, 4, 8, 2];

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var folder = Directory.CreateTempSubdirectory("bench-reshard-");
        try
        {
            await using var rig = await LimitRig.StartAsync(arguments, folder, arguments.Number("masters", 3));
            foreach (var state in LayoutPoint.Between(LayoutRules.Legacy, Walk[0]))
            {
                await rig.ApplyAsync(state);
            }

            var key = new LimitKey(rig.Brokers.Servers.Count, Walk[0], 16, 100, Bundle.Since);
            var most = await LimitRun.SearchAsync(rig, key, round: 0, expected: 10_000);
            var rate = 0.9 * most.Rate;
            var curve = await CurveAsync(rig, LimitRun.PaceOf(key, rate));
            foreach (var sample in curve)
            {
                Console.WriteLine(sample);
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{rig.Publisher.Begun} messages at {rate:0}/s; {rig.Receipts.Faults} lost, doubled or misordered; highest p99 {curve.Max(static sample => sample.P99):0} ms"));
            await File.WriteAllTextAsync(arguments.Text("picture", "reshard.svg"), ReshardPlot.Draw(curve, rate));
            return rig.Receipts.Faults == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<ReshardSample>> CurveAsync(LimitRig rig, Pace pace)
    {
        List<ReshardSample> samples = [];
        var said = "";
        using var stop = new CancellationTokenSource();
        rig.Publisher.Start(pace);
        var sampling = SampleAsync();
        await Task.Delay(Rest, TimeProvider.System, stop.Token);
        for (var next = 1; next < Walk.Length; next++)
        {
            foreach (var state in LayoutPoint.Between(Walk[next - 1], Walk[next]))
            {
                var step = state.Step == LayoutSteps.None ? $"{state.Shards} shards" : $"{state.Step} {state.NextShards}";
                Volatile.Write(ref said, said.Length == 0 ? step : $"{said}, {step}");
                await rig.ApplyAsync(state);
            }

            await Task.Delay(Rest, TimeProvider.System, stop.Token);
        }

        await stop.CancelAsync();
        await sampling;
        await rig.Publisher.StopAsync();
        await rig.Receipts.ReachedAsync(rig.Publisher.Begun);
        return samples;

        async Task SampleAsync()
        {
            using var timer = new PeriodicTimer(Slice, TimeProvider.System);
            var (started, delivered) = (TimeProvider.System.GetTimestamp(), rig.Receipts.Delivered);
            var last = TimeSpan.Zero;
            await Processes.AskAsync(rig.Readers);
            while (!stop.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
            {
                var counted = await Processes.AskAsync(rig.Readers);
                var (at, now) = (TimeProvider.System.GetElapsedTime(started), rig.Receipts.Delivered);
                samples.Add(new ReshardSample(at.TotalSeconds, (now - delivered) / (at - last).TotalSeconds, counted[2], counted[3], Interlocked.Exchange(ref said, "")));
                (delivered, last) = (now, at);
            }
        }
    }
}

/// <summary>A quarter of a second.</summary>
/// <param name="At">Its end, in seconds.</param>
/// <param name="Rate">Messages delivered everywhere, a second.</param>
/// <param name="Median">Delay in ms.</param>
/// <param name="P99">Delay in ms.</param>
/// <param name="Step">What began in it; empty: nothing.</param>
internal sealed record ReshardSample(double At, double Rate, double Median, double P99, string Step)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At,6:0.00} s {Rate,8:0}/s p50 {Median,6:0.0} p99 {P99,6:0.0} ms {Step}");
}

/// <summary>The curve as a picture. It follows the reader's light or dark.</summary>
internal static class ReshardPlot
{
    private const int Width = 900;
    private const int Left = 64;
    private const int Right = 24;
    private const int Plot = 150;

    private const string Style = """
        <style>
          svg { font: 12px system-ui, "Segoe UI", sans-serif; background: #ffffff }
          .back { fill: #ffffff } .text { fill: #3d444d } .head { fill: #1f2328; font-weight: 600 } .small { font-size: 11px } .grid { stroke: #d8dee4 }
          .rate { fill: none; stroke: #0969da; stroke-width: 2 } .p50 { fill: none; stroke: #1a7f37; stroke-width: 1.5 } .p99 { fill: none; stroke: #bc4c00; stroke-width: 2 } .step { stroke: #8c959f; stroke-dasharray: 3 3 }
          @media (prefers-color-scheme: dark) {
            svg { background: #0d1117 } .back { fill: #0d1117 } .text { fill: #9198a1 } .head { fill: #f0f6fc } .grid { stroke: #2b323b }
            .rate { stroke: #4493f8 } .p50 { stroke: #3fb950 } .p99 { stroke: #f0883e } .step { stroke: #656c76 }
          }
        </style>
        """;

    public static string Draw(IReadOnlyList<ReshardSample> samples, double offered)
    {
        var height = 110 + (2 * (Plot + 60));
        var end = samples[^1].At;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img" aria-label="Throughput and delay while a room's shards change">""")
            .Append('\n').Append(Style).Append('\n')
            .Append(CultureInfo.InvariantCulture, $"""<rect class="back" width="{Width}" height="{height}"/><text class="head" x="{Left}" y="26" font-size="16">A hot room at {offered:0} messages/s while its shards change</text>""").Append('\n');
        Panel(80, "delivered, messages/s", offered * 1.5, ("rate", static sample => sample.Rate));
        Panel(80 + Plot + 60, "delay, ms: p50 and p99", Math.Max(20, samples.Max(static sample => sample.P99) * 1.1), ("p50", static sample => sample.Median), ("p99", static sample => sample.P99));
        return svg.Append("</svg>\n").ToString();

        double X(double at) => Left + (at / end * (Width - Left - Right));

        void Panel(int top, string name, double most, params ReadOnlySpan<(string Style, Func<ReshardSample, double> Of)> lines)
        {
            double Y(double value) => top + Plot - (Math.Min(value, most) / most * Plot);
            svg.Append(CultureInfo.InvariantCulture, $"""<text class="head" x="{Left}" y="{top - 24}">{name}</text>""").Append('\n');
            for (var part = 0; part <= 4; part++)
            {
                var value = most * part / 4;
                svg.Append(CultureInfo.InvariantCulture, $"""<path class="grid" d="M{Left} {Y(value):0.0}H{Width - Right}"/><text class="text small" x="{Left - 8}" y="{Y(value) + 4:0.0}" text-anchor="end">{value:0}</text>""");
            }

            foreach (var sample in samples.Where(static sample => sample.Step.Length > 0))
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<path class="step" d="M{X(sample.At):0.0} {top}V{top + Plot}"/><text class="text small" x="{X(sample.At) + 3:0.0}" y="{top - 6}">{sample.Step}</text>""");
            }

            foreach (var (style, of) in lines)
            {
                svg.Append(CultureInfo.InvariantCulture, $"""<path class="{style}" d="M{string.Join('L', samples.Select(sample => string.Create(CultureInfo.InvariantCulture, $"{X(sample.At):0.0} {Y(of(sample)):0.0}")))}"/>""").Append('\n');
            }

            svg.Append(CultureInfo.InvariantCulture, $"""<text class="text small" x="{Width - Right}" y="{top + Plot + 16}" text-anchor="end">{end:0} s</text>""").Append('\n');
        }
    }
}
