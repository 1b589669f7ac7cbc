namespace Contracts;

/// <summary>One page of a list that is walked by key.</summary>
/// <param name="Items">In key order.</param>
/// <param name="Next">Pass as <c>after</c> to get the next page; null when this is the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);
