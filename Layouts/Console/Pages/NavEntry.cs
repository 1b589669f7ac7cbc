using Microsoft.AspNetCore.Components.Routing;

namespace Layouts.Console.Pages;

/// <summary>An entry of the navigation, in the order in which they are shown.</summary>
internal sealed record NavEntry(string Title, string Address, NavLinkMatch Match = NavLinkMatch.Prefix)
{
    public static IReadOnlyList<NavEntry> All { get; } =
    [
        new("Overview", ConsoleRoutes.Root, NavLinkMatch.All),
        new("Layouts", ConsoleRoutes.Layouts),
        new("Figures", ConsoleRoutes.Root + "/figures"),
        new("Nodes", ConsoleRoutes.Nodes),
        new("History", ConsoleRoutes.Root + "/history"),
    ];
}
