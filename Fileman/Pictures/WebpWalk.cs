using System.Buffers.Binary;
using System.Text;
using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>
/// WebP: RIFF chunks, padded to even lengths. The total length is at the beginning, before it is known what will be removed: what must not stay is
/// blanked where it is, under a name that every decoder passes over.
/// </summary>
internal static class WebpWalk
{
    private const int RiffBytes = 12;
    private const int LongestExif = 64 * 1_024;
    private const byte HasXmp = 0x04;
    private const byte IsAnimation = 0x02;

    public static async ValueTask<PictureInfo?> WalkAsync(PictureFlow flow)
    {
        var size = default(PictureSize);
        if (await flow.TakeAsync(RiffBytes) is not { } riff)
        {
            return null;
        }

        var end = BinaryPrimitives.ReadUInt32LittleEndian(riff.Span[4..]) + 8L;
        await flow.EmitAsync(riff);
        while (flow.Position + 8 <= end && await flow.TakeAsync(8) is { } head)
        {
            var type = Encoding.Latin1.GetString(head.Span[..4]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head.Span[4..]);
            var padded = length + (length & 1L);
            switch (type)
            {
                case "VP8X" or "VP8 " or "VP8L" or "ANMF":
                    await flow.EmitAsync(head);
                    if (await flow.TakeAsync((int)Math.Min(padded, 16)) is not { } begin)
                    {
                        return size.ToInfo();
                    }

                    Read(type, begin.Span, ref size);
                    await flow.EmitAsync(begin);
                    await flow.CopyAsync(padded - begin.Length);
                    break;
                case "ICCP" or "ANIM" or "ALPH":
                    await flow.EmitAsync(head);
                    await flow.CopyAsync(padded);
                    break;
                case "EXIF" when length is >= Orientation.TiffBytes and <= LongestExif:
                    await flow.EmitAsync(head);
                    if (await flow.TakeAsync((int)padded) is not { } exif)
                    {
                        return size.ToInfo();
                    }

                    // Some writers put JPEG's prefix before it.
                    var orientation = Orientation.Read(exif.Span.StartsWith("Exif\0\0"u8) ? exif.Span[6..] : exif.Span);
                    exif.Span.Clear();
                    Orientation.Write(exif.Span, orientation);
                    await flow.EmitAsync(exif);
                    break;
                default:
                    "JUNK"u8.CopyTo(head.Span);
                    await flow.EmitAsync(head);
                    await flow.BlankAsync(padded);
                    break;
            }
        }

        await flow.DropRestAsync();
        return size.ToInfo();
    }

    private static void Read(string type, Span<byte> chunk, ref PictureSize size)
    {
        switch (type)
        {
            case "VP8X" when chunk.Length >= 10:
                size.Add(Read24(chunk[4..]) + 1, Read24(chunk[7..]) + 1);
                size.Animated |= (chunk[0] & IsAnimation) != 0;
                chunk[0] &= unchecked((byte)~HasXmp);
                break;
            case "ANMF" when chunk.Length >= 12:
                size.Add(Read24(chunk[6..]) + 1, Read24(chunk[9..]) + 1);
                break;
            case "VP8 " when chunk.Length >= 10 && chunk[3..6].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]):
                size.Add(BinaryPrimitives.ReadUInt16LittleEndian(chunk[6..]) & 0x3FFFu, BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]) & 0x3FFFu);
                break;
            case "VP8L" when chunk.Length >= 5 && chunk[0] == 0x2F:
                var bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[1..]);
                size.Add((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
                break;
        }
    }

    private static uint Read24(ReadOnlySpan<byte> bytes) => bytes[0] | ((uint)bytes[1] << 8) | ((uint)bytes[2] << 16);
}
