using Contracts;

namespace Dbman.Requests;

/// <summary>Lists walked by key: one row more than requested shows whether there is another page.</summary>
internal static class Paging
{
    public static Page<T> ToPage<T>(this List<T> rows, int limit, Func<T, string> key)
    {
        if (rows.Count <= limit)
        {
            return new Page<T>(rows);
        }

        rows.RemoveRange(limit, rows.Count - limit);
        return new Page<T>(rows, key(rows[^1]));
    }

    /// <summary>Checks <c>after</c> and <c>limit</c> of a query.</summary>
    public static void Page(ref this Check check, string? after, int limit)
    {
        check.OptionalId("after", after);
        check.Range("limit", limit, 1, Limits.Page);
    }

    /// <summary>Checks <c>before</c> and <c>limit</c> of a query that walks numbers, newest first.</summary>
    public static void Before(ref this Check check, long before, int limit)
    {
        check.Range("before", before, 1, long.MaxValue);
        check.Range("limit", limit, 1, Limits.Page);
    }
}
