namespace Contracts;

/// <summary>Makes paths of the route constants.</summary>
internal static class RouteTemplate
{
    /// <summary>Replaces the route's parameters, escaped, in order.</summary>
    public static string Fill(string route, params ReadOnlySpan<string> values)
    {
        foreach (var value in values)
        {
            var open = route.IndexOf('{', StringComparison.Ordinal);
            var close = route.IndexOf('}', open);
            route = string.Concat(route.AsSpan(0, open), Uri.EscapeDataString(value), route.AsSpan(close + 1));
        }

        return route;
    }

    /// <summary>Adds <c>?after=&amp;limit=</c>.</summary>
    public static string Paged(string path, string? after, int limit) =>
        after is null ? $"{path}?limit={limit}" : $"{path}?after={Uri.EscapeDataString(after)}&limit={limit}";
}
