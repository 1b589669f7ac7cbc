namespace Dbman.Members;

/// <summary>What the rules of membership say to a change.</summary>
internal enum MemberVerdict
{
    /// <summary>Done, or nothing to do.</summary>
    Ok,

    /// <summary>The actor is not a member of the room, or it does not exist.</summary>
    NotAMember,

    /// <summary>The actor's role does not allow it.</summary>
    Forbidden,

    /// <summary>No such user in the tenant, or, for a removal, in the room.</summary>
    NoUser,

    /// <summary>The room would be left without an owner.</summary>
    LastOwner,
}

internal static class MemberVerdicts
{
    /// <summary>The words that PutMember.sql and RemoveMember.sql answer.</summary>
    public static MemberVerdict Parse(string word) => word switch
    {
        "ok" => MemberVerdict.Ok,
        "not-a-member" => MemberVerdict.NotAMember,
        "forbidden" => MemberVerdict.Forbidden,
        "no-user" => MemberVerdict.NoUser,
        "last-owner" => MemberVerdict.LastOwner,
        _ => throw new InvalidOperationException($"The SQL answered an unknown verdict '{word}'."),
    };
}
