using System.Buffers.Binary;
using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>
/// AVIF and HEIC: boxes of length, type and content. The box "meta" lists items (the picture, its Exif, its XMP) and where each is stored, as offsets
/// into the whole file: so nothing may move, and what must not stay is blanked where it is. Which way up does not depend on Exif here.
/// </summary>
/// <remarks>
/// "meta" comes before the data in what every encoder writes. Where it does not, Exif would be in the store before it is known as such: such a file
/// is not shown as a picture.
/// </remarks>
internal static class HeifWalk
{
    private const int HeadBytes = 8;

    public static async ValueTask<PictureInfo?> WalkAsync(PictureFlow flow)
    {
        var size = default(PictureSize);
        var hidden = new Queue<HeifExtent>();
        while (await flow.TakeAsync(HeadBytes) is { } head)
        {
            var box = new HeifBox(head.Span);
            long left = box.Length - HeadBytes;
            byte[] begin = [.. head.Span];
            if (box.Length == 1)
            {
                if (await flow.TakeAsync(8) is not { } wide)
                {
                    break;
                }

                left = BinaryPrimitives.ReadInt64BigEndian(wide.Span) - HeadBytes - 8;
                begin = [.. begin, .. wide.Span];
            }

            // Length 0: up to the end of the file.
            left = box.Length == 0 ? long.MaxValue / 2 : left;
            if (left < 0)
            {
                return null;
            }

            switch (box.Type)
            {
                case "ftyp":
                    await flow.EmitAsync(begin);
                    await flow.CopyAsync(left);
                    break;
                case "mdat":
                    await flow.EmitAsync(begin);
                    await CopyDataAsync(flow, left, hidden);
                    break;
                case "meta" or "moov":
                    if (left > PictureFlow.MaxTake)
                    {
                        await flow.EmitAsync(begin);
                        return null;
                    }

                    if (await flow.TakeAsync((int)left) is not { } content)
                    {
                        return null;
                    }

                    var isRead = box.Type == "moov" ? HeifBoxes.ReadMovie(content.Span, ref size) : HeifBoxes.ReadMeta(content.Span, flow.Position, hidden, ref size);
                    await flow.EmitAsync(begin);
                    await flow.EmitAsync(content);
                    if (!isRead)
                    {
                        return null;
                    }

                    break;
                default:
                    "free"u8.CopyTo(begin.AsSpan(4));
                    await flow.EmitAsync(begin);
                    await flow.BlankAsync(left);
                    break;
            }
        }

        return size.ToInfo();
    }

    /// <summary>Copies the data of items, but blanks those that are hidden.</summary>
    private static async ValueTask CopyDataAsync(PictureFlow flow, long length, Queue<HeifExtent> hidden)
    {
        var end = flow.Position + length;
        while (flow.Refusal is null && hidden.TryPeek(out var next) && next.Start < end)
        {
            if (next.End > flow.Position)
            {
                if (!await flow.CopyAsync(Math.Max(0, next.Start - flow.Position)) || !await flow.BlankAsync(Math.Min(next.End, end) - flow.Position))
                {
                    return;
                }
            }

            if (next.End > end)
            {
                break;
            }

            hidden.Dequeue();
        }

        await flow.CopyAsync(end - flow.Position);
    }
}
