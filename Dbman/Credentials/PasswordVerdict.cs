namespace Dbman.Credentials;

/// <summary>What became of a change of password.</summary>
internal enum PasswordVerdict
{
    /// <summary>Changed.</summary>
    Ok,

    /// <summary>No such user in the tenant.</summary>
    NoUser,

    /// <summary>The password that was checked is no longer the user's.</summary>
    Changed,

    /// <summary>The session that asks for it has ended.</summary>
    SessionEnded,
}

internal static class PasswordVerdicts
{
    /// <summary>The words that ReplacePassword.sql answers.</summary>
    public static PasswordVerdict Parse(string word) => word switch
    {
        "ok" => PasswordVerdict.Ok,
        "changed" => PasswordVerdict.Changed,
        "ended" => PasswordVerdict.SessionEnded,
        _ => throw new InvalidOperationException($"ReplacePassword.sql answered an unknown verdict '{word}'."),
    };
}
