using System.Collections.Frozen;
using System.Net.Http.Headers;

namespace Fileman.Types;

/// <summary>
/// The media types that we know how to check. None of them runs as a page: HTML and SVG are not among them, whatever the configuration allows besides.
/// </summary>
internal static class ContentTypes
{
    /// <summary>First bytes that any of the checks needs.</summary>
    public const int HeadBytes = 16;

    private static readonly FrozenDictionary<string, ContentRule> Known = Rules().ToFrozenDictionary(static rule => rule.Type, StringComparer.Ordinal);

    /// <summary>Types that a browser would run as a page or a script of ours; they are never accepted.</summary>
    private static readonly FrozenSet<string> Active = FrozenSet.Create(
        StringComparer.Ordinal,
        "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript", "application/ecmascript",
        "text/css", "application/wasm", "multipart/form-data", "application/x-www-form-urlencoded");

    /// <summary>All types that are accepted unless the configuration says otherwise.</summary>
    public static IEnumerable<string> Defaults => Known.Keys;

    /// <summary>
    /// The rule for a declared type: parameters and case do not count. Null when the type is malformed, active, or not in <paramref name="allowed"/> (empty: <see cref="Defaults"/>).
    /// A type that is allowed and not known here is taken as it is, and only ever handed out as an attachment.
    /// </summary>
    public static ContentRule? Find(string? declared, IReadOnlyCollection<string> allowed)
    {
        if (!MediaTypeHeaderValue.TryParse(declared, out var parsed) || parsed.MediaType is not { Length: <= 127 } type)
        {
            return null;
        }

        type = type.ToLowerInvariant();
        if (Active.Contains(type) || (allowed.Count > 0 && !allowed.Contains(type, StringComparer.OrdinalIgnoreCase)))
        {
            return null;
        }

        return Known.TryGetValue(type, out var rule) ? rule
            : allowed.Count > 0 ? new ContentRule(type, ContentKind.Opaque, static _ => true)
            : null;
    }

    /// <summary>The types of which <see cref="Find"/> gives a rule.</summary>
    public static IEnumerable<string> Accepted(IReadOnlyCollection<string> allowed) =>
        allowed.Count == 0 ? Defaults : allowed.Select(static type => type.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Where(type => Find(type, allowed) is not null);

    /// <summary>Whether a browser may show the content in place when the caller asks for it: pictures, sound, film.</summary>
    public static bool MayBeInline(string type) =>
        Known.ContainsKey(type)
        && (type.StartsWith("image/", StringComparison.Ordinal) || type.StartsWith("audio/", StringComparison.Ordinal) || type.StartsWith("video/", StringComparison.Ordinal));

    /// <summary>Content-Type of a download: text was checked to be UTF-8, and says so.</summary>
    public static string HeaderOf(string type) =>
        Known.TryGetValue(type, out var rule) && rule.Kind == ContentKind.Text ? type + "; charset=utf-8" : type;

    private static IEnumerable<ContentRule> Rules()
    {
        yield return Binary("image/png", static head => head.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]));
        yield return Binary("image/jpeg", static head => head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]));
        yield return Binary("image/gif", static head => head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8));
        yield return Binary("image/webp", static head => Riff(head, "WEBP"u8));
        yield return Binary("image/bmp", static head => head.StartsWith("BM"u8) && head.Length >= 14);
        yield return Binary("image/avif", static head => Brand(head, "avif"u8) || Brand(head, "avis"u8));
        yield return Binary("image/heic", static head => Brand(head, "heic"u8) || Brand(head, "heix"u8) || Brand(head, "mif1"u8));

        yield return Binary("application/pdf", static head => head.StartsWith("%PDF-"u8));
        foreach (var type in (string[])
        [
            "application/zip",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.oasis.opendocument.text",
            "application/vnd.oasis.opendocument.spreadsheet",
        ])
        {
            yield return Binary(type, static head => head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8));
        }

        yield return Binary("application/gzip", static head => head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]));

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

        foreach (var type in (string[])["text/plain", "text/csv", "text/markdown", "application/json"])
        {
            yield return new ContentRule(type, ContentKind.Text, static _ => true);
        }
    }

    private static ContentRule Binary(string type, HeadCheck check) => new(type, ContentKind.Signed, check);

    private static bool Riff(ReadOnlySpan<byte> head, ReadOnlySpan<byte> form) =>
        head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual(form);

    /// <summary>ISO base media: four bytes of length, then the name of the first box.</summary>
    private static bool Box(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name) => head.Length >= 8 && head[4..8].SequenceEqual(name);

    private static bool Brand(ReadOnlySpan<byte> head, ReadOnlySpan<byte> brand) => Box(head, "ftyp"u8) && head.Length >= 12 && head[8..12].SequenceEqual(brand);

    private static bool Ebml(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]);

    /// <summary>Eleven set bits, then version and layer that are not the reserved ones, and a bit rate that is not the forbidden one.</summary>
    private static bool MpegFrame(ReadOnlySpan<byte> head) =>
        head.Length >= 3 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 && (head[1] & 0x18) != 0x08 && (head[1] & 0x06) != 0 && (head[2] & 0xF0) != 0xF0;
}
