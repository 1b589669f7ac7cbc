using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Net.Http.Headers;
using Fileman.Pictures;

namespace Fileman.Types;

/// <summary>
/// The media types that we know how to check. What is shown in place is only ever one of these, checked. Everything else is taken too, as <see cref="Opaque"/>: bytes that a browser can do nothing with
/// but save. None of the types runs as a page: HTML and SVG are not among them, even if the configuration allows more.
/// </summary>
internal static class ContentTypes
{
    /// <summary>The type of what is not known, or is not what it was said to be.</summary>
    public const string Opaque = "application/octet-stream";

    /// <summary>In the list of accepted types: every other type is accepted too, as <see cref="Opaque"/>.</summary>
    public const string Any = "*/*";

    /// <summary>First bytes that any of the checks needs: readers of PDF look for its mark in so many.</summary>
    public const int HeadBytes = 1_024;

    private static readonly FrozenDictionary<string, ContentRule> Known = Rules().ToFrozenDictionary(static rule => rule.Type, StringComparer.Ordinal);

    /// <summary>Types that a browser would run as a page or a script of ours; a file never keeps one of them.</summary>
    private static readonly FrozenSet<string> Active = FrozenSet.Create(
        StringComparer.Ordinal,
        "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript",
        "application/ecmascript", "text/css", "application/wasm");

    /// <summary>A form is how a page would send a file, and not the file.</summary>
    private static readonly FrozenSet<string> Forms = FrozenSet.Create(StringComparer.Ordinal, "multipart/form-data", "application/x-www-form-urlencoded");

    /// <summary>All types that are known, and kept where the content is what it should be.</summary>
    public static IEnumerable<string> Defaults => Known.Keys;

    /// <summary>
    /// The rule for a declared type: parameters and case do not count, other names of a type are that type, and where it says nothing the ending of <paramref name="name"/> does. Null when it is a
    /// form's, or the configuration narrows what is accepted (<paramref name="allowed"/>; empty: everything) and this is not in it.
    /// </summary>
    public static ContentRule? Find(string? declared, string name, IReadOnlyCollection<string> allowed)
    {
        var given = MediaTypeHeaderValue.TryParse(declared, out var parsed) && parsed.MediaType is { Length: <= 127 } media ? media.ToLowerInvariant() : Opaque;
        if (Forms.Contains(given))
        {
            return null;
        }

        var type = TypeNames.Resolve(given, name);
        if (Known.TryGetValue(type, out var rule) && Allows(type, allowed))
        {
            return rule;
        }

        // Named by the configuration, and so kept as it is; only ever handed out as an attachment.
        if (rule is null && allowed.Count > 0 && !Active.Contains(given) && Allows(given, allowed))
        {
            return new ContentRule(given, ContentKind.Opaque, static _ => true);
        }

        // Programs and settings of all kinds have text types of their own.
        return rule is null && given.StartsWith("text/", StringComparison.Ordinal) && !Active.Contains(given) && Allows("text/plain", allowed) ? Known["text/plain"] : OpaqueWhere(allowed);
    }

    /// <summary>
    /// The rule for a content that does not begin as <paramref name="rule"/> says: a picture under the name of another format is that picture (what the web calls .jpg is often WebP), anything else
    /// is opaque. Null when the configuration does not accept it as that.
    /// </summary>
    public static ContentRule? FindOther(ContentRule rule, ReadOnlySpan<byte> head, IReadOnlyCollection<string> allowed)
    {
        if (rule.Walk is not null)
        {
            foreach (var other in Known.Values)
            {
                if (other.Walk is not null && other.MatchesHead(head) && Allows(other.Type, allowed))
                {
                    return other;
                }
            }
        }

        return OpaqueWhere(allowed);
    }

    /// <summary>What is not known, where the configuration accepts that.</summary>
    public static ContentRule? OpaqueWhere(IReadOnlyCollection<string> allowed) => Allows(Opaque, allowed) ? OpaqueRule : null;

    /// <summary>The types of which <see cref="Find"/> gives a rule, other names of them included; <see cref="Any"/> where there is one for all.</summary>
    public static IEnumerable<string> Accepted(IReadOnlyCollection<string> allowed) =>
        allowed.Count == 0
            ? Defaults.Append(Any)
            : allowed.Select(static type => type.ToLowerInvariant()).Where(static type => !Active.Contains(type) && !Forms.Contains(type)).SelectMany(static type => TypeNames.Of(type))
                .Concat(Allows(Opaque, allowed) ? [Any] : []).Distinct(StringComparer.Ordinal);

    /// <summary>Whether a browser may show the content in place when the caller asks for it: pictures, sound, film.</summary>
    public static bool MayBeInline(string type) =>
        Known.ContainsKey(type)
        && (type.StartsWith("image/", StringComparison.Ordinal) || type.StartsWith("audio/", StringComparison.Ordinal) || type.StartsWith("video/", StringComparison.Ordinal));

    /// <summary>
    /// Whether thumbnails are made of this type: pictures that browsers show. BMP is hardly ever sent on purpose, and HEIC needs a decoder that is
    /// not free to use.
    /// </summary>
    public static bool HasThumbnail(string type) => type is "image/png" or "image/jpeg" or "image/gif" or "image/webp" or "image/avif";

    /// <summary>Content-Type of a download: text was checked to be UTF-8, and says so.</summary>
    public static string HeaderOf(string type) =>
        Known.TryGetValue(type, out var rule) && rule.Kind == ContentKind.Text ? type + "; charset=utf-8" : type;

    private static ContentRule OpaqueRule { get; } = new(Opaque, ContentKind.Opaque, static _ => true);

    private static bool Allows(string type, IReadOnlyCollection<string> allowed) => allowed.Count == 0 || allowed.Contains(type, StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<ContentRule> Rules()
    {
        yield return Picture("image/png", PngWalk.WalkAsync, static head => head.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]));
        yield return Picture("image/jpeg", JpegWalk.WalkAsync, static head => head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]));
        yield return Picture("image/gif", GifWalk.WalkAsync, static head => head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8));
        yield return Picture("image/webp", WebpWalk.WalkAsync, static head => Riff(head, "WEBP"u8));
        yield return Picture("image/bmp", BmpWalk.WalkAsync, static head => head.StartsWith("BM"u8) && head.Length >= 14);
        yield return Picture("image/avif", HeifWalk.WalkAsync, static head => IsAvif(head));
        yield return Picture("image/heic", HeifWalk.WalkAsync, static head => !IsAvif(head) && (Brand(head, "heic"u8) || Brand(head, "heix"u8) || Brand(head, "heim"u8) || Brand(head, "mif1"u8)));

        // Written by many with something before it.
        yield return Binary("application/pdf", static head => head.IndexOf("%PDF-"u8) >= 0);
        yield return Binary("application/zip", static head => Zip(head));
        foreach (var type in (string[])
        [
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.oasis.opendocument.text",
            "application/vnd.oasis.opendocument.spreadsheet",
            "application/vnd.oasis.opendocument.presentation",
        ])
        {
            // With a password, Office wraps the archive in its older container.
            yield return Binary(type, static head => Zip(head) || Compound(head));
        }

        foreach (var type in (string[])["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"])
        {
            yield return Binary(type, static head => Compound(head));
        }

        yield return Binary("application/rtf", static head => head.StartsWith("{\\rtf"u8));
        yield return Binary("application/gzip", static head => head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]));
        yield return Binary("application/x-7z-compressed", static head => head.StartsWith((ReadOnlySpan<byte>)[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]));

        yield return Binary("video/mp4", static head => Box(head, "ftyp"u8));
        yield return Binary("video/quicktime", static head => Box(head, "ftyp"u8) || Box(head, "moov"u8) || Box(head, "mdat"u8) || Box(head, "wide"u8));
        yield return Binary("video/webm", static head => Ebml(head));
        yield return Binary("video/ogg", static head => head.StartsWith("OggS"u8));

        yield return Binary("audio/mpeg", static head => head.StartsWith("ID3"u8) || MpegFrame(head));
        yield return Binary("audio/aac", static head => head.Length >= 2 && head[0] == 0xFF && (head[1] & 0xF6) == 0xF0);
        yield return Binary("audio/mp4", static head => Box(head, "ftyp"u8));
        yield return Binary("audio/ogg", static head => head.StartsWith("OggS"u8));
        yield return Binary("audio/webm", static head => Ebml(head));
        yield return Binary("audio/flac", static head => head.StartsWith("fLaC"u8));
        yield return Binary("audio/wav", static head => Riff(head, "WAVE"u8));

        foreach (var type in (string[])["text/plain", "text/csv", "text/markdown", "text/calendar", "text/vcard", "application/json"])
        {
            yield return new ContentRule(type, ContentKind.Text, static _ => true);
        }
    }

    private static ContentRule Binary(string type, HeadCheck check) => new(type, ContentKind.Signed, check);

    private static ContentRule Picture(string type, PictureWalk walk, HeadCheck check) => new(type, ContentKind.Signed, check, walk);

    private static bool Zip(ReadOnlySpan<byte> head) => head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Microsoft's compound file, which holds documents of Office before 2007.</summary>
    private static bool Compound(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);

    private static bool Riff(ReadOnlySpan<byte> head, ReadOnlySpan<byte> form) =>
        head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual(form);

    /// <summary>ISO base media: four bytes of length, then the name of the first box.</summary>
    private static bool Box(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name) => head.Length >= 8 && head[4..8].SequenceEqual(name);

    /// <summary>Its own brand, or one of those that it says it is compatible with: the own one may be general ("mif1").</summary>
    private static bool IsAvif(ReadOnlySpan<byte> head)
    {
        if (!Box(head, "ftyp"u8))
        {
            return false;
        }

        var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(head), (uint)head.Length);
        for (var at = 8; at + 4 <= length; at += 4)
        {
            // The version follows the brand.
            if (at != 12 && (head[at..].StartsWith("avif"u8) || head[at..].StartsWith("avis"u8)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Brand(ReadOnlySpan<byte> head, ReadOnlySpan<byte> brand) => Box(head, "ftyp"u8) && head.Length >= 12 && head[8..12].SequenceEqual(brand);

    private static bool Ebml(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]);

    /// <summary>Eleven set bits, then version and layer that are not the reserved ones, and a bit rate that is not the forbidden one.</summary>
    private static bool MpegFrame(ReadOnlySpan<byte> head) =>
        head.Length >= 3 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 && (head[1] & 0x18) != 0x08 && (head[1] & 0x06) != 0 && (head[2] & 0xF0) != 0xF0;
}
