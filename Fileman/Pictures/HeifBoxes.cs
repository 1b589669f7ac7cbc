using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Fileman.Pictures;

/// <summary>Reads the boxes that describe an AVIF or HEIC picture, and blanks those that describe something else. What is malformed is answered with false.</summary>
internal static class HeifBoxes
{
    private const int HeadBytes = 8;

    /// <summary>More boxes in one another than any encoder writes.</summary>
    private const int DeepestBox = 8;

    /// <summary>Of "moov", the description of a sequence: sizes of its tracks; what users and applications added is blanked.</summary>
    public static bool ReadMovie(Span<byte> content, ref PictureSize size)
    {
        size.Animated = true;
        return ReadTracks(content, ref size, depth: 0);
    }

    /// <summary>
    /// Of "meta": sizes of the pictures, and where in the file metadata lies. <paramref name="position"/> is where what follows the box begins;
    /// metadata before it can no longer be blanked.
    /// </summary>
    public static bool ReadMeta(Span<byte> content, long position, Queue<HeifExtent> hidden, ref PictureSize size)
    {
        if (content.Length < 4)
        {
            return false;
        }

        // A full box: version and flags come first.
        var at = 4;
        Range data = default;
        Range locations = default;
        var metadata = new HashSet<uint>();
        while (TryNext(content, ref at, out var type, out var box))
        {
            switch (type)
            {
                case "iinf":
                    if (!ReadItems(content[box], metadata))
                    {
                        return false;
                    }

                    break;
                case "iloc":
                    locations = box;
                    break;
                case "idat":
                    data = box;
                    break;
                case "iprp":
                    ReadProperties(content[box], ref size);
                    break;
                case "hdlr" or "pitm" or "iref" or "dinf" or "grpl" or "ipro":
                    break;
                default:
                    Blank(content, box);
                    break;
            }
        }

        var extents = new List<HeifExtent>();
        if (at != content.Length || !HeifLocations.Read(content[locations], metadata, content[data], extents) || extents.Exists(extent => extent.Start < position))
        {
            return false;
        }

        extents.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        foreach (var extent in extents)
        {
            hidden.Enqueue(extent);
        }

        return true;
    }

    private static bool ReadTracks(Span<byte> content, ref PictureSize size, int depth)
    {
        var at = 0;
        while (TryNext(content, ref at, out var type, out var range))
        {
            var box = content[range];
            switch (type)
            {
                case "udta" or "meta" or "uuid":
                    Blank(content, range);
                    break;
                case "tkhd" when box.Length >= 84:
                    // Fixed point, 16 bits each side of it.
                    size.Add(BinaryPrimitives.ReadUInt32BigEndian(box[^8..]) >> 16, BinaryPrimitives.ReadUInt32BigEndian(box[^4..]) >> 16);
                    break;
                case "trak" or "mdia" or "minf" or "edts":
                    if (depth == DeepestBox || !ReadTracks(box, ref size, depth + 1))
                    {
                        return false;
                    }

                    break;
            }
        }

        return at == content.Length;
    }

    /// <summary>Ids of items that are metadata: Exif, XMP and other documents.</summary>
    private static bool ReadItems(ReadOnlySpan<byte> box, HashSet<uint> metadata)
    {
        if (box.Length < 8)
        {
            return false;
        }

        var at = box[0] == 0 ? 6 : 8;
        while (TryNext(box, ref at, out var type, out var range))
        {
            var item = box[range];

            // Version 2 has ids of 16 bits, version 3 of 32; older ones have no type.
            var isWide = item.Length > 0 && item[0] == 3;
            if (type != "infe" || item.Length < (isWide ? 14 : 12) || item[0] is < 2 or > 3)
            {
                return false;
            }

            var id = isWide ? BinaryPrimitives.ReadUInt32BigEndian(item[4..]) : BinaryPrimitives.ReadUInt16BigEndian(item[4..]);
            var kind = item.Slice(isWide ? 10 : 8, 4);
            if (kind.SequenceEqual("Exif"u8) || kind.SequenceEqual("mime"u8) || kind.SequenceEqual("uri "u8))
            {
                metadata.Add(id);
            }
        }

        return at == box.Length;
    }

    private static void ReadProperties(ReadOnlySpan<byte> boxes, ref PictureSize size)
    {
        for (var at = 0; TryNext(boxes, ref at, out var type, out var range);)
        {
            var properties = boxes[range];
            for (var next = 0; type == "ipco" && TryNext(properties, ref next, out var property, out var content);)
            {
                var extent = properties[content];
                if (property == "ispe" && extent.Length >= 12)
                {
                    size.Add(BinaryPrimitives.ReadUInt32BigEndian(extent[4..]), BinaryPrimitives.ReadUInt32BigEndian(extent[8..]));
                }
            }
        }
    }

    private static void Blank(Span<byte> boxes, Range content)
    {
        var box = boxes[content];
        "free"u8.CopyTo(boxes[(content.Start.Value - 4)..]);
        box.Clear();
    }

    /// <summary>The box at <paramref name="at"/>, which moves behind it. False at the end, or if what is left is not a box.</summary>
    private static bool TryNext(ReadOnlySpan<byte> boxes, ref int at, out string type, out Range content)
    {
        (type, content) = ("", default);
        var left = boxes[at..];
        if (left.Length < HeadBytes)
        {
            return false;
        }

        var next = new HeifBox(left);
        if (next.Length < HeadBytes || next.Length > left.Length)
        {
            return false;
        }

        var begin = at;
        at += (int)next.Length;
        (type, content) = (next.Type, (begin + HeadBytes)..at);
        return true;
    }
}

/// <summary>The first eight bytes of a box: its length with them (0: up to the end; 1: a longer number follows), and its type.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct HeifBox(ReadOnlySpan<byte> head)
{
    public uint Length { get; } = BinaryPrimitives.ReadUInt32BigEndian(head);

    public string Type { get; } = Encoding.Latin1.GetString(head[4..8]);
}

/// <summary>Bytes of the file from <paramref name="Start"/> up to and without <paramref name="End"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HeifExtent(long Start, long End);
