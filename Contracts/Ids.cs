using System.Buffers;

namespace Contracts;

/// <summary>
/// The one rule for tenant, user, room, message, session and file ids: 1 to 64 characters of <c>[A-Za-z0-9_-]</c>. Ids become parts of channel names,
/// keys and paths, so no id may hold a separator of any of these.
/// </summary>
public static class Ids
{
    /// <summary>Longest id, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>The rule in words, for error messages.</summary>
    public const string Rule = "1 to 64 characters of A-Z, a-z, 0-9, '_' and '-'";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Whether <paramref name="id"/> follows <see cref="Rule"/>.</summary>
    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is > 0 and <= MaxLength && !id.ContainsAnyExcept(Allowed);

    /// <inheritdoc cref="IsValid(ReadOnlySpan{char})"/>
    public static bool IsValid(string? id) => id is not null && IsValid(id.AsSpan());

    /// <summary>A new id that sorts by creation time (UUIDv7, 32 hexadecimal digits).</summary>
    public static string New(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
}
