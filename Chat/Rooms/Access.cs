using Contracts;
using ServiceDefaults.Errors;

namespace Chat.Rooms;

internal static class Access
{
    /// <summary>The one answer for rooms that are not the caller's and rooms that do not exist.</summary>
    public static ProblemResult NotAMember() =>
        Problems.Forbidden("The room does not exist, or the caller is not a member of it.", ProblemTypes.NotAMember);
}
