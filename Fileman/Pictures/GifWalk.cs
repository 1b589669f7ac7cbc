using System.Buffers.Binary;
using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>GIF: a canvas, then frames and extensions in blocks of at most 255 bytes. Comments go, and of what applications add all but how often the picture repeats.</summary>
internal static class GifWalk
{
    private const int HeadBytes = 13;
    private const byte Extension = 0x21;
    private const byte Frame = 0x2C;
    private const byte Trailer = 0x3B;

    public static async ValueTask<PictureInfo?> WalkAsync(PictureFlow flow)
    {
        var size = default(PictureSize);
        if (await flow.TakeAsync(HeadBytes) is not { } head)
        {
            return null;
        }

        size.Add(BinaryPrimitives.ReadUInt16LittleEndian(head.Span[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head.Span[8..]));
        var colours = ColourBytes(head.Span[10]);
        await flow.EmitAsync(head);
        await flow.CopyAsync(colours);
        var frames = 0;
        while (await flow.TakeAsync(1) is { } kind)
        {
            switch (kind.Span[0])
            {
                case Frame:
                    await flow.EmitAsync(kind);
                    if (await flow.TakeAsync(9) is not { } frame)
                    {
                        return size.ToInfo();
                    }

                    size.Animated = ++frames > 1;
                    size.Add(BinaryPrimitives.ReadUInt16LittleEndian(frame.Span[4..]), BinaryPrimitives.ReadUInt16LittleEndian(frame.Span[6..]));
                    colours = ColourBytes(frame.Span[8]);
                    await flow.EmitAsync(frame);

                    // The colours of this frame, and one byte that begins its data.
                    await flow.CopyAsync(colours + 1);
                    await BlocksAsync(flow, isKept: true);
                    break;
                case Extension:
                    await ExtensionAsync(flow);
                    break;
                case Trailer:
                    await flow.EmitAsync(kind);
                    await flow.DropRestAsync();
                    return size.ToInfo();
                default:
                    // No decoder continues after this.
                    await flow.EmitAsync(new byte[] { Trailer });
                    await flow.DropRestAsync();
                    return size.ToInfo();
            }
        }

        return size.ToInfo();
    }

    private static async ValueTask ExtensionAsync(PictureFlow flow)
    {
        if (await flow.TakeAsync(2) is not { } head)
        {
            return;
        }

        byte[] begin = [Extension, head.Span[0], head.Span[1]];
        if (begin[2] == 0)
        {
            return;
        }

        if (await flow.TakeAsync(begin[2]) is not { } first)
        {
            return;
        }

        var isKept = begin[1] switch
        {
            // Time and transparency of the next frame; text as a frame.
            0xF9 or 0x01 => true,
            0xFF => first.Span.SequenceEqual("NETSCAPE2.0"u8) || first.Span.SequenceEqual("ANIMEXTS1.0"u8),
            _ => false,
        };
        if (isKept)
        {
            await flow.EmitAsync(begin);
            await flow.EmitAsync(first);
        }

        await BlocksAsync(flow, isKept);
    }

    /// <summary>Blocks with a length each, up to one that has none.</summary>
    private static async ValueTask BlocksAsync(PictureFlow flow, bool isKept)
    {
        while (await flow.TakeAsync(1) is { } head)
        {
            var length = head.Span[0];
            if (isKept)
            {
                await flow.EmitAsync(head);
                await flow.CopyAsync(length);
            }
            else
            {
                await flow.DropAsync(length);
            }

            if (length == 0)
            {
                return;
            }
        }
    }

    /// <summary>Bytes of a table of colours, if the flags say that there is one.</summary>
    private static int ColourBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
}
