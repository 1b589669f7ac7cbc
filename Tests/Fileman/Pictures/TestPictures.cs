using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using NetVips;

namespace Tests.Fileman.Pictures;

/// <summary>Pictures as cameras and programs write them, made by libvips: with a place in their Exif and XMP, and turned.</summary>
internal static class TestPictures
{
    /// <summary>Written into Exif and XMP as it is.</summary>
    public const string Secret = "SECRET-PLACE";

    /// <summary>A camera that was held upright: the picture is stored lying on its side.</summary>
    public const int Turned = 6;

    /// <summary>Formats whose metadata is taken out, with the ending that libvips knows them by.</summary>
    public static TheoryData<string, string> Formats => new() { { "image/jpeg", ".jpg" }, { "image/png", ".png" }, { "image/webp", ".webp" }, { "image/avif", ".avif" } };

    /// <summary>A picture with a blue upper left corner, and metadata.</summary>
    public static byte[] Tagged(string ending, int width = 300, int height = 200)
    {
        using var plain = Plain(width, height);
        using var tagged = plain.Mutate(static picture =>
        {
            picture.Set(GValue.GStrType, "exif-ifd0-Artist", $"{Secret} ({Secret}, ASCII, 13 components, 13 bytes)");
            picture.Set(GValue.GStrType, "exif-ifd3-GPSLatitude", "52/1 31/1 12/1 (52, 31, 12, Rational, 3 components, 24 bytes)");
            picture.Set(GValue.GStrType, "exif-ifd3-GPSLatitudeRef", "N (N, ASCII, 2 components, 2 bytes)");
            picture.Set(GValue.BlobType, "xmp-data", System.Text.Encoding.UTF8.GetBytes($"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{Secret}</x:xmpmeta>"));
            picture.Set(GValue.GIntType, "orientation", Turned);
        });
        return tagged.WriteToBuffer(ending);
    }

    public static byte[] Simple(string ending, int width = 300, int height = 200)
    {
        using var plain = Plain(width, height);
        return plain.WriteToBuffer(ending);
    }

    /// <summary>Three frames, one above the other as libvips has them.</summary>
    public static byte[] Moving(string ending, int width = 60, int height = 40)
    {
        using var plain = Plain(width, height * 3);
        using var moving = plain.Mutate(picture =>
        {
            picture.Set(GValue.GIntType, "page-height", height);
            picture.Set(GValue.ArrayIntType, "delay", new[] { 100, 100, 100 });
        });
        return moving.WriteToBuffer(ending);
    }

    /// <summary>A grey PNG of one bit a pixel: very many pixels in few bytes.</summary>
    public static byte[] Bomb(int width, int height)
    {
        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 1;
        Chunk("IHDR"u8, header);
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            var line = new byte[1 + ((width + 7) / 8)];
            for (var i = 0; i < height; i++)
            {
                zlib.Write(line);
            }
        }

        Chunk("IDAT"u8, data.ToArray());
        Chunk("IEND"u8, []);
        return png.ToArray();

        void Chunk(ReadOnlySpan<byte> type, byte[] content)
        {
            byte[] chunk = [.. type, .. content];
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
            png.Write(number);
            png.Write(chunk);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(chunk));
            png.Write(number);
        }
    }

    /// <summary>All metadata of a picture, as libvips reads it.</summary>
    public static IReadOnlyList<string> FieldsOf(byte[] picture)
    {
        using var read = Image.NewFromBuffer(picture);
        return read.GetFields();
    }

    public static int OrientationOf(byte[] picture)
    {
        using var read = Image.NewFromBuffer(picture);
        return read.Contains("orientation") ? (int)read.Get("orientation") : 1;
    }

    /// <summary>Pixels of all frames, as they are stored.</summary>
    public static byte[] PixelsOf(byte[] picture, bool all = false)
    {
        using var read = all ? Image.NewFromBuffer(picture, kwargs: new VOption { { "n", -1 } }) : Image.NewFromBuffer(picture);
        return read.WriteToMemory<byte>();
    }

    private static Image Plain(int width, int height)
    {
        using var axes = Image.Xyz(width, height);
        using var red = axes[0] * (255.0 / width);
        using var green = axes[1] * (255.0 / height);
        using var blue = (axes[0] < width / 2) & (axes[1] < height / 2);
        using var all = red.Bandjoin(green, blue);
        using var bytes = all.Cast(Enums.BandFormat.Uchar);
        return bytes.Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
