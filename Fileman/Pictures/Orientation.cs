using System.Buffers.Binary;

namespace Fileman.Pictures;

/// <summary>
/// The one Exif value that is needed to show a picture. Everything else in it (where and when it was taken, by which device, a thumbnail of what was
/// cut away) is private.
/// </summary>
internal static class Orientation
{
    /// <summary>As stored; what a picture without Exif has.</summary>
    public const ushort Upright = 1;

    /// <summary>Length of what <see cref="Write"/> makes.</summary>
    public const int TiffBytes = 26;

    private const ushort Tag = 0x0112;
    private const ushort Short = 3;
    private const int EntryBytes = 12;

    /// <summary>Reads a TIFF structure, which is what Exif consists of. Anything that cannot be read is <see cref="Upright"/>.</summary>
    public static ushort Read(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 14 || !(tiff.StartsWith("II*\0"u8) || tiff.StartsWith("MM\0*"u8)))
        {
            return Upright;
        }

        var isLittle = tiff[0] == 'I';
        var directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
        {
            return Upright;
        }

        var entries = tiff[(int)directory..];
        var count = Read16(entries, isLittle);
        entries = entries[2..];
        for (var i = 0; i < count && entries.Length >= EntryBytes; i++, entries = entries[EntryBytes..])
        {
            if (Read16(entries, isLittle) == Tag)
            {
                var value = Read16(entries[8..], isLittle);
                return Read16(entries[2..], isLittle) == Short && value is >= 1 and <= 8 ? value : Upright;
            }
        }

        return Upright;
    }

    /// <summary>A TIFF structure that says nothing but this.</summary>
    public static void Write(Span<byte> tiff, ushort orientation)
    {
        // Big-endian; the directory follows the header, has one entry, and no successor.
        "MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001"u8.CopyTo(tiff);
        BinaryPrimitives.WriteUInt16BigEndian(tiff[18..], orientation);
        tiff[20..TiffBytes].Clear();
    }

    private static ushort Read16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
