namespace Dbman.Directory;

/// <summary>What is asked of the directory.</summary>
/// <param name="Username">Beginning of user names, folded as they are; null: none is looked for.</param>
/// <param name="DisplayName">Beginning of display names; null: none is looked for.</param>
/// <param name="Deactivated">Users who may not sign in, instead of those who may.</param>
/// <param name="After">Where the page before ended; null: at the beginning.</param>
/// <param name="Limit">Most users of the page.</param>
internal sealed record DirectoryQuery(string? Username, string? DisplayName, bool Deactivated, DirectoryCursor? After, int Limit)
{
    /// <summary>Rows that are read. A user takes two at most, the first of which counts, so that the first page is full whenever there are enough users.</summary>
    public int Window => 2 * (Limit + 1);
}
