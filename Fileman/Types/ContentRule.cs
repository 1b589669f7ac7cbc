using Fileman.Pictures;

namespace Fileman.Types;

/// <summary>Looks at the first bytes, at most <see cref="ContentTypes.HeadBytes"/>.</summary>
internal delegate bool HeadCheck(ReadOnlySpan<byte> head);

/// <summary>How a content is compared with its type.</summary>
internal enum ContentKind
{
    /// <summary>By its first bytes.</summary>
    Signed,

    /// <summary>All of it is UTF-8 without NUL.</summary>
    Text,

    /// <summary>Not at all.</summary>
    Opaque,
}

/// <summary>A media type and what its contents begin with.</summary>
/// <param name="Type">Lower case, without parameters.</param>
/// <param name="Kind">How it is checked.</param>
/// <param name="MatchesHead">The check of the first bytes.</param>
/// <param name="Walk">Pictures: goes through it while it is stored.</param>
internal sealed record ContentRule(string Type, ContentKind Kind, HeadCheck MatchesHead, PictureWalk? Walk = null);
