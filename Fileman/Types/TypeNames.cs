using System.Collections.Frozen;
using Microsoft.AspNetCore.StaticFiles;

namespace Fileman.Types;

/// <summary>
/// Media types as browsers and systems name them: the names beside the registered one, and the type by a file's extension if none is given. Endings
/// are the framework's table, as browsers take theirs from the system, which knows few.
/// </summary>
internal static class TypeNames
{
    private static readonly FrozenDictionary<string, string> Others = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["application/x-zip"] = "application/zip",
        ["application/x-zip-compressed"] = "application/zip",
        ["application/x-gzip"] = "application/gzip",
        ["application/x-compressed"] = "application/gzip",
        ["application/x-pdf"] = "application/pdf",
        ["application/x-rtf"] = "application/rtf",
        ["text/rtf"] = "application/rtf",
        ["application/csv"] = "text/csv",
        ["text/x-csv"] = "text/csv",
        ["text/comma-separated-values"] = "text/csv",
        ["text/x-markdown"] = "text/markdown",
        ["text/x-vcard"] = "text/vcard",
        ["text/json"] = "application/json",
        ["image/jpg"] = "image/jpeg",
        ["image/pjpeg"] = "image/jpeg",
        ["image/x-png"] = "image/png",
        ["image/x-bmp"] = "image/bmp",
        ["image/x-ms-bmp"] = "image/bmp",
        ["image/heif"] = "image/heic",
        ["image/avif-sequence"] = "image/avif",
        ["audio/mp3"] = "audio/mpeg",
        ["audio/x-mp3"] = "audio/mpeg",
        ["audio/x-mpeg"] = "audio/mpeg",
        ["audio/m4a"] = "audio/mp4",
        ["audio/x-m4a"] = "audio/mp4",
        ["audio/x-aac"] = "audio/aac",
        ["audio/x-wav"] = "audio/wav",
        ["audio/wave"] = "audio/wav",
        ["audio/vnd.wave"] = "audio/wav",
        ["audio/x-flac"] = "audio/flac",
        ["audio/opus"] = "audio/ogg",
        ["application/ogg"] = "audio/ogg",
        ["video/x-m4v"] = "video/mp4",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What says no more than that there are bytes.</summary>
    private static readonly FrozenSet<string> Nothing = FrozenSet.Create(
        StringComparer.Ordinal, ContentTypes.Opaque, "binary/octet-stream", "application/binary", "application/unknown", "application/x-download", "application/force-download");

    private static readonly FileExtensionContentTypeProvider Endings = CreateEndings();

    /// <summary>The registered name, if it is one of ours; else as given.</summary>
    public static string Resolve(string type, string fileName)
    {
        // Windows with Excel says of a .csv that it is a workbook.
        if (Nothing.Contains(type) || (type == "application/vnd.ms-excel" && fileName.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)))
        {
            type = Endings.TryGetContentType(fileName, out var guess) ? guess : ContentTypes.Opaque;
        }

        return Others.GetValueOrDefault(type, type);
    }

    /// <summary>The type and its other names.</summary>
    public static IEnumerable<string> Of(string type) => Others.Where(other => other.Value == type).Select(static other => other.Key).Prepend(type);

    /// <summary>The framework's table is for web sites; these come from people.</summary>
    private static FileExtensionContentTypeProvider CreateEndings()
    {
        var endings = new FileExtensionContentTypeProvider();
        foreach (var (ending, type) in ((string, string)[])
        [
            (".log", "text/plain"),
            (".7z", "application/x-7z-compressed"),
            (".odt", "application/vnd.oasis.opendocument.text"),
            (".ods", "application/vnd.oasis.opendocument.spreadsheet"),
            (".odp", "application/vnd.oasis.opendocument.presentation"),
            (".heic", "image/heic"),
            (".heif", "image/heic"),
            (".flac", "audio/flac"),
            (".opus", "audio/ogg"),
        ])
        {
            endings.Mappings[ending] = type;
        }

        return endings;
    }
}
