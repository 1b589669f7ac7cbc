using System.Globalization;
using System.Text;

namespace Tests.Deploy.Scaling;

/// <summary>A picture of one trace: a panel per service, with what is needed, what was asked for and what was ready. It follows the reader's light or dark.</summary>
internal static class ScalingPlot
{
    private const int Width = 900;
    private const int Left = 56;
    private const int Right = 24;
    private const int Top = 74;
    private const int Panel = 150;
    private const int Plot = 100;

    private const string Style = """
        <style>
          svg { font: 12px system-ui, "Segoe UI", sans-serif; background: #ffffff }
          .back { fill: #ffffff } .text { fill: #3d444d } .head { fill: #1f2328; font-weight: 600 } .small { font-size: 11px } .grid { stroke: #d8dee4; stroke-width: 1 }
          .need { fill: #0969da; fill-opacity: .14 } .edge { fill: none; stroke: #0969da; stroke-opacity: .55; stroke-width: 1 }
          .asked { fill: none; stroke: #bc4c00; stroke-width: 1.5; stroke-dasharray: 4 3 } .ready { fill: none; stroke: #1a7f37; stroke-width: 2 } .lost { fill: #cf222e; fill-opacity: .85 }
          @media (prefers-color-scheme: dark) {
            svg { background: #0d1117 } .back { fill: #0d1117 } .text { fill: #9198a1 } .head { fill: #f0f6fc } .grid { stroke: #2b323b }
            .need { fill: #4493f8; fill-opacity: .18 } .edge { stroke: #4493f8; stroke-opacity: .7 } .asked { stroke: #f0883e } .ready { stroke: #3fb950 } .lost { fill: #f85149 }
          }
        </style>
        """;

    public static string Draw(LoadTrace trace, IReadOnlyList<ScalingRun> runs)
    {
        var height = Top + (runs.Count * Panel) + 14;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img" aria-label="Replicas under the trace {trace.Name}">""").Append('\n');
        svg.Append(Style).Append('\n').Append(CultureInfo.InvariantCulture, $"""<rect class="back" width="{Width}" height="{height}"/>""").Append('\n');
        svg.Append(CultureInfo.InvariantCulture, $"""<text class="head" x="{Left}" y="26" font-size="16">{Title(trace)}</text>""").Append('\n');
        var x = Left;
        foreach (var (style, name) in new[] { ("need", "needed at the target"), ("asked", "asked for"), ("ready", "ready"), ("lost", "refused, or waiting for a socket") })
        {
            svg.Append(style is "need" or "lost"
                ? string.Create(CultureInfo.InvariantCulture, $"""<rect class="{style}" x="{x}" y="42" width="22" height="9"/>""")
                : string.Create(CultureInfo.InvariantCulture, $"""<path class="{style}" d="M{x} 47h22"/>"""));
            svg.Append(CultureInfo.InvariantCulture, $"""<text class="text" x="{x + 28}" y="51">{name}</text>""").Append('\n');
            x += 58 + (name.Length * 7);
        }

        for (var at = 0; at < runs.Count; at++)
        {
            DrawPanel(svg, runs[at], trace, Top + (at * Panel));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Title(LoadTrace trace) => trace.Name switch
    {
        "step" => "Four times the load at once, for half an hour",
        "ramp" => "Five times the load within a quarter of an hour",
        "spike" => "Eight times the load for a minute",
        "diurnal" => "A day in six hours, 1 to 4.5 times the load",
        "flapping" => "2.5 times the load every other 90 seconds",
        _ => trace.Name,
    };

    private static void DrawPanel(StringBuilder svg, ScalingRun run, LoadTrace trace, int top)
    {
        var samples = run.Samples;
        var most = Math.Max(samples.Max(static s => s.Asked), samples.Max(static s => s.Needed)) * 1.08;
        double X(double time) => Left + (time / trace.Seconds * (Width - Left - Right));
        double Y(double pods) => top + 26 + Plot - (pods / most * Plot);

        svg.Append(CultureInfo.InvariantCulture, $"""<text class="head" x="{Left}" y="{top + 16}">{run.Service.Name}</text><text class="text small" x="{Width - Right}" y="{top + 16}" text-anchor="end">{run.Spec.MinReplicas} to {run.Spec.MaxReplicas} replicas allowed, {samples.Max(static s => s.Asked)} reached</text>""").Append('\n');
        var step = most > 24 ? 10 : most > 12 ? 5 : 2;
        for (var pods = 0; pods <= most; pods += step)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<path class="grid" d="M{Left} {Y(pods):0.0}H{Width - Right}"/><text class="text small" x="{Left - 8}" y="{Y(pods) + 4:0.0}" text-anchor="end">{pods}</text>""");
        }

        var minutes = trace.Seconds > 10_000 ? 60 : 10;
        for (var minute = 0; minute * 60 <= trace.Seconds; minute += minutes)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<text class="text small" x="{X(minute * 60):0.0}" y="{top + 26 + Plot + 15}" text-anchor="{((minute + 0.5) * 60 > trace.Seconds ? "end" : "middle")}">{(minute == 0 ? "0" : minutes == 60 ? $"{minute / 60} h" : $"{minute} min")}</text>""");
        }

        var every = Math.Max(1, trace.Seconds / 400);
        var need = string.Concat(samples.Where(s => s.Time % every == 0).Select(s => string.Create(CultureInfo.InvariantCulture, $"L{X(s.Time):0.0} {Y(s.Needed):0.0}")));
        svg.Append('\n').Append(CultureInfo.InvariantCulture, $"""<path class="need" d="M{X(0):0.0} {Y(0):0.0}{need}L{X(trace.Seconds - 1):0.0} {Y(0):0.0}Z"/><path class="edge" d="M{need[1..]}"/>""").Append('\n');
        foreach (var (style, value) in new (string, Func<ScalingSample, int>)[] { ("asked", static s => s.Asked), ("ready", static s => s.Ready) })
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<path class="{style}" d="M{X(0):0.0} {Y(value(samples[0])):0.0}""");
            foreach (var sample in samples.Skip(1).Where(s => value(s) != value(samples[s.Time - 1])))
            {
                svg.Append(CultureInfo.InvariantCulture, $"H{X(sample.Time):0.0}V{Y(value(sample)):0.0}");
            }

            svg.Append(CultureInfo.InvariantCulture, $"""H{X(trace.Seconds - 1):0.0}"/>""").Append('\n');
        }

        foreach (var lost in samples.Where(static s => s.Lost > 0).GroupBy(s => s.Time / every))
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<rect class="lost" x="{X(lost.Key * every):0.0}" y="{Y(0) - 4:0.0}" width="{Math.Max(1, X(every) - X(0)):0.0}" height="4"/>""");
        }

        svg.Append('\n');
    }
}
