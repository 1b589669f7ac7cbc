using System.Text.Json;
using Contracts;

namespace Realtime.Sockets;

/// <summary>
/// What can be said of a frame without reading all of it into a record: also of one that is malformed, nested without end, or refused before it is
/// read. So an error says which frame it is about wherever the frame said so.
/// </summary>
/// <param name="Id">The frame's <c>id</c>, where it follows the rule.</param>
/// <param name="IsWhole">Whether it is JSON to its end.</param>
/// <param name="Depth">How deep it is nested, as far as it was read.</param>
internal readonly record struct FrameOutline(string? Id, bool IsWhole, int Depth)
{
    /// <summary>An escaped character takes six bytes.</summary>
    private const int MaxIdBytes = 6 * Ids.MaxLength;

    /// <summary>Reads as far as it can be read; never throws. Takes time in proportion to the length, however deep the frame is nested.</summary>
    public static FrameOutline Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = json.Length + 1 });
        string? id = null;
        var depth = 0;
        var isIdNext = false;
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        depth = Math.Max(depth, reader.CurrentDepth + 1);
                        break;
                    case JsonTokenType.PropertyName when reader.CurrentDepth == 1:
                        isIdNext = reader.ValueTextEquals("id"u8);
                        continue;
                    case JsonTokenType.String when isIdNext:
                        // The last one counts, as for the reader of the frame.
                        id = IdOf(ref reader);
                        break;
                }

                isIdNext = false;
            }
        }
        catch (JsonException)
        {
            return new FrameOutline(id, IsWhole: false, depth);
        }

        return new FrameOutline(id, IsWhole: true, depth);
    }

    private static string? IdOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > MaxIdBytes)
        {
            return null;
        }

        try
        {
            var id = reader.GetString();
            return Ids.IsValid(id) ? id : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text, and so no id.
            return null;
        }
    }
}
