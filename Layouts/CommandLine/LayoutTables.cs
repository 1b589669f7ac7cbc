using System.Globalization;
using Contracts.Layouts;
using Layouts.Admin;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Layouts.CommandLine;

/// <summary>Answers as tables.</summary>
internal static class LayoutTables
{
    public static void Write(IAnsiConsole console, LayoutStatus status)
    {
        console.Write(Scopes(status.Scopes));
        if (status.MoreScopes > 0)
        {
            console.MarkupLineInterpolated($"and {status.MoreScopes} more scopes");
        }

        foreach (var scope in status.Scopes.Where(static scope => scope.Goal is not null))
        {
            WriteGoal(console, scope);
        }

        console.MarkupLineInterpolated($"Driver: {(status.Driver is { } lease ? $"{lease.Holder}, term {lease.Term}, for another {lease.RemainingMilliseconds / 1000.0:0.0} s" : "nobody at the moment")}");
        console.Write(Nodes(status.Revision, status.Nodes));
        if (status.Decisions.Count > 0)
        {
            console.Write(Decisions(status.Decisions));
        }
    }

    public static void Write(IAnsiConsole console, LayoutPlan plan)
    {
        console.MarkupLineInterpolated($"[bold]{plan.Scope}[/]: {plan.From} -> {plan.To}");
        if (plan.Steps.Count == 0 && plan.Obstacle is null)
        {
            console.MarkupLine("It is there already.");
        }

        if (plan.Steps.Count > 0)
        {
            var table = Table("#", "*Becomes", "Publishes to", "Listens to", "What changes", "Undo");
            foreach (var step in plan.Steps)
            {
                table.AddRow(
                    Cell(step.Number.ToString(CultureInfo.InvariantCulture)),
                    Cell(step.Name),
                    Cell(step.Routes is { } routes ? Families(routes.Publish) : ""),
                    Cell(step.Routes is { } listens ? Listens(listens) : ""),
                    Cell(string.Join("\n", step.Effects)),
                    Cell(step.Undo));
            }

            console.Write(table);
            console.MarkupLineInterpolated($"Each step waits until all {plan.Nodes.Count} live node(s) have applied the one before.");
        }

        foreach (var undone in plan.Undoes)
        {
            console.MarkupLineInterpolated($"[yellow]Takes back:[/] {undone}");
        }

        if (plan.Obstacle is { } obstacle)
        {
            console.MarkupLineInterpolated($"[yellow]Waits:[/] {obstacle}");
        }
    }

    public static IRenderable Nodes(long revision, IReadOnlyList<NodeView> nodes)
    {
        var table = Table("*Node", "*Applied", "Lease", "*Seen", "Rooms", "Sockets", "Version", "Note");
        foreach (var node in nodes)
        {
            var isLate = node.IsLive && node.Applied < revision;
            table.AddRow(
                Cell(node.Node),
                new Markup(isLate ? $"[yellow]{node.Applied} of {revision}[/]" : $"{node.Applied} of {revision}"),
                new Markup(node.IsLive ? "[green]held[/]" : "[grey]none[/]"),
                Cell(string.Create(CultureInfo.InvariantCulture, $"{node.SeenMilliseconds / 1000.0:0.0} s ago")),
                Cell(node.Rooms.ToString(CultureInfo.InvariantCulture)),
                Cell(node.Connections.ToString(CultureInfo.InvariantCulture)),
                Cell(Short(node.Version)),
                Cell(node.Note ?? ""));
        }

        return table;
    }

    public static IRenderable History(IReadOnlyList<HistoryEntry> entries)
    {
        var table = Table("Epoch", "*At (UTC)", "Scope", "*Layout", "By", "Reason");
        foreach (var entry in entries)
        {
            table.AddRow(
                Cell(entry.Epoch.ToString(CultureInfo.InvariantCulture)), Cell(Time(entry.At)), Cell(entry.Scope), Cell(entry.Name), Cell(entry.By), Cell(entry.Reason ?? ""));
        }

        return table;
    }

    public static IRenderable Decisions(IReadOnlyList<LayoutDecision> decisions)
    {
        var table = Table("#", "*At (UTC)", "Scope", "Decision", "By", "Epoch", "Reason and outcome");
        foreach (var decision in decisions)
        {
            var figures = string.Join(", ", decision.Figures.Select(static figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key} {figure.Value:0.###}")));
            table.AddRow(
                Cell(decision.Id.ToString(CultureInfo.InvariantCulture)),
                Cell(Time(decision.At)),
                Cell(decision.Scope.ToString()),
                Cell(decision.Decision),
                Cell(decision.By),
                Cell(decision.Epoch == 0 ? "" : decision.Epoch.ToString(CultureInfo.InvariantCulture)),
                Cell(figures.Length == 0 ? decision.Text : $"{decision.Text} ({figures})"));
        }

        return table;
    }

    private static Table Scopes(IReadOnlyList<ScopeView> scopes)
    {
        var table = Table("Scope", "*Layout", "Epoch", "Publishes to", "Listens to", "Goal");
        foreach (var scope in scopes)
        {
            table.AddRow(
                Cell(scope.Scope),
                Cell(scope.HasOwn || scope.Epoch == 0 && scope.Scope == "all" ? scope.Name : $"{scope.Name}, as the wider one"),
                Cell(scope.Epoch == 0 ? "-" : scope.Epoch.ToString(CultureInfo.InvariantCulture)),
                Cell(Families(scope.Routes.Publish)),
                Cell(Listens(scope.Routes)),
                Cell(scope.Goal is { } goal ? $"{goal.Name}, {goal.StepsLeft} step(s) left" : "-"));
        }

        return table;
    }

    private static void WriteGoal(IAnsiConsole console, ScopeView scope)
    {
        var goal = scope.Goal!;
        console.MarkupLineInterpolated($"[bold]{scope.Scope}[/] is to become {goal.Name}, asked by {goal.By}{(goal.Reason is null ? "" : $": {goal.Reason}")}");
        if (goal.Next is { } next)
        {
            console.MarkupLineInterpolated($"  next: {next.Name}: {string.Join("; ", next.Effects)}");
        }

        foreach (var wait in goal.WaitsFor)
        {
            console.MarkupLineInterpolated($"  [yellow]waits for[/] {wait}");
        }

        if (goal.Autopilot)
        {
            console.MarkupLine("  the autopilot decides when");
        }
    }

    private static string Families(IReadOnlyList<int> families) =>
        string.Join(" + ", families.Select(static family => family == LayoutRules.Legacy ? "legacy" : family == 1 ? "1 shard" : $"{family} shards"));

    private static string Listens(RoutesView routes) =>
        routes.CanaryListen == routes.Listen ? Families([routes.Listen]) : $"{Families([routes.Listen])}; canaries {Families([routes.CanaryListen])}";

    /// <summary>A column whose name begins with a star is not wrapped: it holds what is searched for, or pasted.</summary>
    public static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            var header = new Text(column.TrimStart('*'), new Style(decoration: Decoration.Bold));
            table.AddColumn(new TableColumn(header) { NoWrap = column[0] == '*' });
        }

        return table;
    }

    public static Text Cell(string text) => new(text);

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Without the commit.</summary>
    private static string Short(string? version) => version?.Split('+', 2)[0] ?? "";
}
