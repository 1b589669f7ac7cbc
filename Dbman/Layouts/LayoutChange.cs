using Contracts.Layouts;

namespace Dbman.Layouts;

/// <summary>What became of a change: the record, or why there is none.</summary>
/// <param name="Verdict">What the rules say.</param>
/// <param name="Record">Only with <see cref="LayoutVerdict.Ok"/>.</param>
/// <param name="Detail">In words, where there is no record.</param>
internal sealed record LayoutChange(LayoutVerdict Verdict, LayoutRecord? Record = null, string? Detail = null);

/// <summary>What the rules of layouts say to a change.</summary>
internal enum LayoutVerdict
{
    /// <summary>The record was added.</summary>
    Ok,

    /// <summary>The scope's newest record is another one than expected.</summary>
    Conflict,

    /// <summary>The new state cannot follow.</summary>
    Invalid,

    /// <summary>Nodes with a valid lease have not applied every earlier record.</summary>
    Barrier,

    /// <summary>There are as many scopes with a layout of their own as there may be.</summary>
    Full,

    /// <summary>Other changes came first, again and again.</summary>
    Contended,
}
