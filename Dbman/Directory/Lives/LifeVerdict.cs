namespace Dbman.Directory.Lives;

/// <summary>What the rules say to a deactivation, a change of role or a removal.</summary>
internal enum LifeVerdict
{
    /// <summary>Done, or nothing to do.</summary>
    Ok,

    /// <summary>The user left some of its rooms, and is still there.</summary>
    More,

    /// <summary>The user had been removed before.</summary>
    Removed,

    /// <summary>The tenant would be left without an admin who may sign in.</summary>
    LastAdmin,

    /// <summary>The password that was checked is no longer the user's.</summary>
    CredentialChanged,

    /// <summary>No such user in the tenant.</summary>
    NoUser,
}

internal static class LifeVerdicts
{
    /// <summary>The words that SetUserActive.sql, SetUserRole.sql and RemoveUser.sql answer.</summary>
    public static LifeVerdict Parse(string word) => word switch
    {
        "ok" => LifeVerdict.Ok,
        "more" => LifeVerdict.More,
        "removed" => LifeVerdict.Removed,
        "last-admin" => LifeVerdict.LastAdmin,
        "changed" => LifeVerdict.CredentialChanged,
        _ => throw new InvalidOperationException($"The SQL answered an unknown verdict '{word}'."),
    };
}
