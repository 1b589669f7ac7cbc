using System.Buffers;
using System.Text;
using Contracts;
using Contracts.Public;
using Microsoft.Net.Http.Headers;

namespace Fileman.Files;

/// <summary>Names of files: taken from the uploader, cleaned once, and encoded when they are handed out.</summary>
internal static class FileNames
{
    private const string Unnamed = "file";

    /// <summary>Longest ending that counts as an extension, with its dot.</summary>
    private const int MaxExtension = 32;

    private static readonly SearchValues<char> DirectionMarks =
        SearchValues.Create("\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069");

    /// <summary>
    /// The name of an upload: X-File-Name (percent-encoded UTF-8), else Content-Disposition, else "file". One that is longer than <see cref="Limits.Name"/> is cut, since systems allow
    /// longer ones and nobody can rename a file for us. False when it is no text.
    /// </summary>
    public static bool TryRead(IHeaderDictionary headers, out string name)
    {
        name = Cut(Clean(Declared(headers)));
        return PlainText.IsStorable(name);
    }

    /// <summary>Content-Disposition of a download: an ASCII form for old clients and the exact one, both quoted.</summary>
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

    /// <summary>Shortens the part before the extension, which says what the file is. No character is cut in two.</summary>
    private static string Cut(string name)
    {
        if (name.Length <= Limits.Name)
        {
            return name;
        }

        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot <= MaxExtension ? name[dot..] : "";
        var length = Limits.Name - extension.Length;
        return name[..(char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)] + extension;
    }

    /// <summary>
    /// The base name, without what would lead a person or a shell astray: path separators of any system, control characters, and marks that turn the direction of text
    /// ("exe.gpj" shown as "jpg.exe").
    /// </summary>
    private static string Clean(string declared)
    {
        var name = declared.AsSpan();
        name = name[(name.LastIndexOfAny('/', '\\') + 1)..];

        var cleaned = new StringBuilder(name.Length);
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
