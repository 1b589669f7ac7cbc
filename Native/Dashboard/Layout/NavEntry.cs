using Microsoft.AspNetCore.Components.Routing;
using Microsoft.FluentUI.AspNetCore.Components;
using Icons = Microsoft.FluentUI.AspNetCore.Components.Icons;

namespace Dashboard.Layout;

/// <summary>An entry of the navigation, in the order in which they are shown.</summary>
internal sealed record NavEntry(string Title, string Address, Icon Icon, Icon ActiveIcon, NavLinkMatch Match = NavLinkMatch.Prefix)
{
    public static IReadOnlyList<NavEntry> All { get; } =
    [
        new("Overview", "/", new Icons.Regular.Size24.HeartPulse(), new Icons.Filled.Size24.HeartPulse(), NavLinkMatch.All),
        new("Resources", "/resources", new Icons.Regular.Size24.AppFolder(), new Icons.Filled.Size24.AppFolder()),
        new("Graph", "/graph", new Icons.Regular.Size24.Organization(), new Icons.Filled.Size24.Organization()),
        new("Console", "/console", new Icons.Regular.Size24.SlideText(), new Icons.Filled.Size24.SlideText()),
        new("Logs", "/structuredlogs", new Icons.Regular.Size24.SlideTextSparkle(), new Icons.Filled.Size24.SlideTextSparkle()),
        new("Traces", "/traces", new Icons.Regular.Size24.GanttChart(), new Icons.Filled.Size24.GanttChart()),
        new("Metrics", "/metrics", new Icons.Regular.Size24.ChartMultiple(), new Icons.Filled.Size24.ChartMultiple()),
    ];
}
