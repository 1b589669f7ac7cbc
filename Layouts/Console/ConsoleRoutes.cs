namespace Layouts.Console;

/// <summary>
/// Where the console is. Its own files lie under <see cref="Root"/> too; the framework's under <c>/_blazor</c>, <c>/_framework</c> and
/// <c>/_content</c>.
/// </summary>
internal static class ConsoleRoutes
{
    public const string Root = "/console";
    public const string Layouts = Root + "/layouts";
    public const string Nodes = Root + "/nodes";
    public const string SignIn = Root + "/sign-in";
    public const string SignOut = Root + "/sign-out";
    public const string Enter = Root + "/enter";
    public const string Alive = Root + "/alive";

    /// <summary>Of operators' API: makes a link for one sign-in.</summary>
    public const string Links = "/admin/v1/console/links";

    /// <summary>The framework's WebSocket; one per open page.</summary>
    public const string Circuits = "/_blazor";

    /// <summary>Whether a request belongs to the console.</summary>
    public static bool Owns(PathString path) =>
        path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments(Circuits, StringComparison.OrdinalIgnoreCase);
}
