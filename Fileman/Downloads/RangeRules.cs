using Microsoft.Net.Http.Headers;

namespace Fileman.Downloads;

/// <summary>Reads the Range header against a content's size.</summary>
internal static class RangeRules
{
    /// <summary>
    /// Most ranges of one request. Players and resuming downloads ask for one, readers of archives for a few; more is a way to make us send much for little.
    /// </summary>
    private const int MaxRanges = 16;

    /// <summary>
    /// Null: send everything, as there is no header or it is in a unit that we do not know. Empty: nothing of what it asks for can be sent (416). Else the ranges in the order asked for,
    /// cut to the size; those that lie outside are left out. Ranges that overlap are refused like too many of them.
    /// </summary>
    public static IReadOnlyList<ByteRange>? Parse(string? header, long size)
    {
        if (string.IsNullOrEmpty(header) || !IsInBytes(header))
        {
            return null;
        }

        if (!RangeHeaderValue.TryParse(header, out var parsed) || parsed.Ranges.Count > MaxRanges)
        {
            return [];
        }

        var ranges = new List<ByteRange>(parsed.Ranges.Count);
        foreach (var item in parsed.Ranges)
        {
            if (Cut(item, size) is not { } range)
            {
                continue;
            }

            if (ranges.Any(other => range.From <= other.To && other.From <= range.To))
            {
                return [];
            }

            ranges.Add(range);
        }

        return ranges;
    }

    private static bool IsInBytes(ReadOnlySpan<char> header) =>
        header.IndexOf('=') is var end and >= 0 && header[..end].Trim().Equals("bytes", StringComparison.OrdinalIgnoreCase);

    private static ByteRange? Cut(RangeItemHeaderValue item, long size)
    {
        if (item.From is { } from)
        {
            return from < size ? new ByteRange(from, Math.Min(item.To ?? long.MaxValue, size - 1)) : null;
        }

        // "-n": the last n bytes.
        var last = Math.Min(item.To ?? 0, size);
        return last > 0 ? new ByteRange(size - last, size - 1) : null;
    }
}
