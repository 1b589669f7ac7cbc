using System.Buffers.Binary;
using System.Collections.Frozen;
using System.IO.Hashing;
using System.Text;
using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>
/// PNG: chunks of length, type, data and checksum. Those that make the picture stay; texts, times, Exif and unknown chunks are removed.
/// </summary>
internal static class PngWalk
{
    private const int SignatureBytes = 8;

    /// <summary>A camera's Exif has some hundred bytes; the orientation is near its beginning.</summary>
    private const int LongestExif = 64 * 1_024;

    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.Ordinal,
        "IHDR", "PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI", "sBIT", "bKGD", "pHYs", "acTL", "fcTL", "fdAT");

    public static async ValueTask<PictureInfo?> WalkAsync(PictureFlow flow)
    {
        var size = default(PictureSize);
        var isTurned = false;
        if (!await flow.CopyAsync(SignatureBytes))
        {
            return null;
        }

        while (await flow.TakeAsync(8) is { } head)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(head.Span);
            var type = Encoding.Latin1.GetString(head.Span[4..]);

            // What does not begin as it must is no PNG, and stays as it is.
            if (length > int.MaxValue || (flow.Position == SignatureBytes + 8 && type != "IHDR"))
            {
                await flow.EmitAsync(head);
                return null;
            }

            if (type == "IEND")
            {
                await flow.EmitAsync(head);
                await flow.CopyAsync(length + 4);
                await flow.DropRestAsync();
                break;
            }

            if (type == "eXIf" && !isTurned && length <= LongestExif)
            {
                isTurned = true;
                if (await flow.TakeAsync((int)length + 4) is not { } exif)
                {
                    break;
                }

                await flow.EmitAsync(Exif(Orientation.Read(exif.Span[..^4])));
                continue;
            }

            if (!Kept.Contains(type))
            {
                await flow.DropAsync(length + 4);
                continue;
            }

            await flow.EmitAsync(head);
            if (type == "IHDR" && length >= 8)
            {
                if (await flow.TakeAsync(8) is not { } sides)
                {
                    break;
                }

                size.Add(BinaryPrimitives.ReadUInt32BigEndian(sides.Span), BinaryPrimitives.ReadUInt32BigEndian(sides.Span[4..]));
                await flow.EmitAsync(sides);
                length -= 8;
            }

            size.Animated |= type == "acTL";
            if (!await flow.CopyAsync(length + 4))
            {
                break;
            }
        }

        return size.ToInfo();
    }

    /// <summary>An Exif chunk that says which way up, or nothing.</summary>
    private static byte[] Exif(ushort orientation)
    {
        if (orientation == Orientation.Upright)
        {
            return [];
        }

        byte[] chunk = [0, 0, 0, Orientation.TiffBytes, .. "eXIf"u8, .. new byte[Orientation.TiffBytes + 4]];
        Orientation.Write(chunk.AsSpan(8), orientation);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(^4..), Crc32.HashToUInt32(chunk.AsSpan(4..^4)));
        return chunk;
    }
}
