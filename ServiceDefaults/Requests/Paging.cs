using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Contracts;
using ServiceDefaults.Errors;

namespace ServiceDefaults.Requests;

/// <summary>The query of lists that are walked by key.</summary>
/// <param name="After">Key behind which the page starts; null: from the start.</param>
/// <param name="Limit">Entries of the page.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Paging(string? After, int Limit)
{
    private const int Default = 50;

    /// <summary>Checks what came in; keys are ids.</summary>
    public static bool TryParse(string? after, int? limit, out Paging paging, [NotNullWhen(false)] out ProblemResult? problem)
    {
        paging = new Paging(string.IsNullOrEmpty(after) ? null : after, limit ?? Default);
        problem = paging switch
        {
            { After: { } key } when !Ids.IsValid(key) => Problems.InvalidId("after"),
            { Limit: < 1 or > Contracts.Limits.Page } => Problems.InvalidRequest($"'limit' must be 1 to {Contracts.Limits.Page}.", "limit"),
            _ => null,
        };
        return problem is null;
    }
}
