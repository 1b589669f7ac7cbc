using Contracts.Layouts;

namespace Layouts.Admin;

/// <summary>Scopes as people write them: <c>all</c>, <c>tenant</c>, <c>tenant/room</c>.</summary>
internal static class ScopeText
{
    /// <summary>A tenant of that name is reached by its rooms only; it is everything that is meant.</summary>
    private const string All = "all";

    public static bool TryParse(string? text, out LayoutScope scope)
    {
        scope = text?.Split('/') switch
        {
            [All] => LayoutScope.All,
            [var tenant] => new LayoutScope(tenant),
            [var tenant, var room] => new LayoutScope(tenant, room),
            _ => new LayoutScope(""),
        };
        return scope.IsValid;
    }
}
