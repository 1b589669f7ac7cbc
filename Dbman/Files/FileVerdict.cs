namespace Dbman.Files;

/// <summary>What the rules of storage say to a change.</summary>
internal enum FileVerdict
{
    /// <summary>Done, or done before.</summary>
    Ok,

    /// <summary>No such tenant.</summary>
    NoTenant,

    /// <summary>The owner is no user of the tenant.</summary>
    NoOwner,

    /// <summary>No such file, or its reservation has ended.</summary>
    NoFile,

    /// <summary>The id is taken, or the file was completed with other content.</summary>
    Conflict,

    /// <summary>Stored and reserved bytes would pass the quota.</summary>
    Quota,
}

internal static class FileVerdicts
{
    /// <summary>The words that ReserveFile.sql and CompleteFile.sql answer.</summary>
    public static FileVerdict Parse(string word) => word switch
    {
        "ok" => FileVerdict.Ok,
        "no-owner" => FileVerdict.NoOwner,
        "no-file" => FileVerdict.NoFile,
        "conflict" => FileVerdict.Conflict,
        "quota" => FileVerdict.Quota,
        _ => throw new InvalidOperationException($"The SQL answered an unknown verdict '{word}'."),
    };
}
