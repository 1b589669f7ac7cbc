using System.Buffers.Binary;
using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>
/// JPEG: segments, each with a marker and mostly a length, and compressed data behind SOS, in which 0xFF occurs only before 0 or a restart marker. Of
/// the segments that applications add, those stay that say how to show the colours; what follows the end of the picture (a film, a second picture
/// with an Exif of its own) goes.
/// </summary>
internal static class JpegWalk
{
    private const byte Mark = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;

    public static async ValueTask<PictureInfo?> WalkAsync(PictureFlow flow)
    {
        var size = default(PictureSize);
        var isTurned = false;

        // Also over what should not be there, as decoders do.
        while (await flow.CopyUntilAsync(Mark))
        {
            if (await MarkerAsync(flow) is not { } code)
            {
                break;
            }

            if (code is 0 or 1 or StartOfImage or (>= 0xD0 and <= 0xD7))
            {
                await flow.EmitAsync(new byte[] { Mark, code });
                continue;
            }

            if (code == EndOfImage)
            {
                await flow.EmitAsync(new byte[] { Mark, code });
                await flow.DropRestAsync();
                break;
            }

            if (await flow.TakeAsync(2) is not { } lengthBytes)
            {
                break;
            }

            byte[] head = [Mark, code, lengthBytes.Span[0], lengthBytes.Span[1]];
            var length = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)) - 2;
            if (length < 0)
            {
                await flow.EmitAsync(head);
                return null;
            }

            if (code is (< 0xE0 or > 0xEF) and not 0xFE && !IsFrame(code))
            {
                await flow.EmitAsync(head);
                await flow.CopyAsync(length);
                continue;
            }

            if (await flow.TakeAsync(length) is not { } segment)
            {
                break;
            }

            if (IsFrame(code))
            {
                if (length < 5)
                {
                    await flow.EmitAsync(head);
                    await flow.EmitAsync(segment);
                    return null;
                }

                size.Add(BinaryPrimitives.ReadUInt16BigEndian(segment.Span[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment.Span[1..]));
            }
            else if (!isTurned && code == 0xE1 && segment.Span.StartsWith("Exif\0\0"u8))
            {
                isTurned = true;
                await flow.EmitAsync(Exif(Orientation.Read(segment.Span[6..])));
                continue;
            }
            else if (!IsForColours(code, segment.Span))
            {
                continue;
            }

            await flow.EmitAsync(head);
            await flow.EmitAsync(segment);
        }

        return size.ToInfo();
    }

    /// <summary>The byte after 0xFF; more 0xFF may precede it as fill bytes.</summary>
    private static async ValueTask<byte?> MarkerAsync(PictureFlow flow)
    {
        while (await flow.TakeAsync(1) is { } next)
        {
            if (next.Span[0] != Mark)
            {
                return next.Span[0];
            }
        }

        return null;
    }

    /// <summary>SOF0 to SOF15; three of these numbers are tables.</summary>
    private static bool IsFrame(byte code) => code is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC;

    private static bool IsForColours(byte code, ReadOnlySpan<byte> segment) => code switch
    {
        0xE0 => segment.StartsWith("JFIF\0"u8),
        0xE2 => segment.StartsWith("ICC_PROFILE\0"u8),
        0xEE => segment.StartsWith("Adobe"u8),
        _ => false,
    };

    /// <summary>An Exif segment that says which way up, or nothing.</summary>
    private static byte[] Exif(ushort orientation)
    {
        if (orientation == Orientation.Upright)
        {
            return [];
        }

        byte[] segment = [Mark, 0xE1, 0, 8 + Orientation.TiffBytes, .. "Exif\0\0"u8, .. new byte[Orientation.TiffBytes]];
        Orientation.Write(segment.AsSpan(10), orientation);
        return segment;
    }
}
