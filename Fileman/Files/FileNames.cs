using System.Buffers;
using System.Text;
using Contracts;
using Contracts.Public;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Requests;

namespace Fileman.Files;

/// <summary>Names of files: taken from the uploader, cleaned once, and encoded when they are handed out.</summary>
internal static class FileNames
{
    private const string Unnamed = "file";

    private static readonly SearchValues<char> DirectionMarks =
        SearchValues.Create("\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069");

    /// <summary>
    /// The name of an upload: X-File-Name (percent-encoded UTF-8), else Content-Disposition, else "file". False when it is longer than <see cref="Limits.Name"/> or no text.
    /// </summary>
    public static bool TryRead(IHeaderDictionary headers, out string name)
    {
        name = Clean(Declared(headers));
        return name.Length <= Limits.Name && PlainText.IsStorable(name);
    }

    /// <summary>Content-Disposition of a download: an ASCII form for old clients beside the exact one, both quoted.</summary>
    public static string Disposition(string name, bool inline)
    {
        var header = new ContentDispositionHeaderValue(inline ? "inline" : "attachment");
        header.SetHttpFileName(name);
        return header.ToString();
    }

    private static string Declared(IHeaderDictionary headers)
    {
        if (headers[FileRoutes.FileNameHeader] is [{ Length: > 0 } encoded, ..])
        {
            return Uri.UnescapeDataString(encoded);
        }

        return ContentDispositionHeaderValue.TryParse(headers.ContentDisposition.ToString(), out var disposition)
            ? (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).ToString()
            : "";
    }

    /// <summary>
    /// The base name, without what would lead a person or a shell astray: path separators of any system, control characters, and marks that turn the direction of text
    /// ("exe.gpj" shown as "jpg.exe").
    /// </summary>
    private static string Clean(string declared)
    {
        var name = declared.AsSpan();
        name = name[(name.LastIndexOfAny('/', '\\') + 1)..];

        var cleaned = new StringBuilder(Math.Min(name.Length, Limits.Name + 1));
        foreach (var character in name)
        {
            if (!char.IsControl(character) && !DirectionMarks.Contains(character))
            {
                cleaned.Append(character);
            }
        }

        // "." and ".." are folders, and Windows drops dots and spaces at the end.
        var result = cleaned.ToString().Trim().TrimEnd('.', ' ');
        return result.Length == 0 ? Unnamed : result;
    }
}
