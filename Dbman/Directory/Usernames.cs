namespace Dbman.Directory;

/// <summary>The folded form by which user names are compared. Changing it needs a migration of the stored keys.</summary>
internal static class Usernames
{
    public static string Key(string username) => username.ToUpperInvariant();
}
