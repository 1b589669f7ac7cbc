using System.Buffers.Binary;
using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>BMP: a header and pixels, nothing else.</summary>
internal static class BmpWalk
{
    private const int HeadBytes = 26;

    /// <summary>The first header, of OS/2, has sides of 16 bits.</summary>
    private const uint CoreHeader = 12;

    public static async ValueTask<PictureInfo?> WalkAsync(PictureFlow flow)
    {
        var size = default(PictureSize);
        if (await flow.TakeAsync(HeadBytes) is not { } head)
        {
            return null;
        }

        var bytes = head.Span;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[14..]) == CoreHeader)
        {
            size.Add(BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]));
        }
        else
        {
            // Negative: from the top down.
            var down = (long)BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]);
            size.Add(BinaryPrimitives.ReadUInt32LittleEndian(bytes[18..]), (uint)Math.Abs(down));
        }

        await flow.EmitAsync(head);
        await flow.CopyRestAsync();
        return size.ToInfo();
    }
}
