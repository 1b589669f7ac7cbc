using System.Buffers.Binary;
using Contracts.Files;

namespace Fileman.Thumbnails;

/// <summary>What a worker makes of a picture.</summary>
/// <param name="Width">Of the picture.</param>
/// <param name="Height">Of the picture.</param>
/// <param name="Animated">Whether the picture moves; the thumbnail is its first frame.</param>
/// <param name="Webp">The thumbnail.</param>
internal sealed record Thumbnail(int Width, int Height, bool Animated, ReadOnlyMemory<byte> Webp)
{
    private const int HeadBytes = 9;

    /// <summary>Longest that is taken: ten times what a picture of noise makes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Longest that <see cref="Read"/> takes.</summary>
    public const int MaxMessageBytes = HeadBytes + MaxBytes;

    public PictureInfo Picture => new(Width, Height, Animated);

    /// <summary>Null when it is not valid: a worker's output is trusted no more than the picture that it read.</summary>
    public static Thumbnail? Read(ReadOnlyMemory<byte> message)
    {
        if (message.Length is <= HeadBytes or > MaxMessageBytes)
        {
            return null;
        }

        var head = message.Span;
        var (width, height) = (BinaryPrimitives.ReadInt32LittleEndian(head), BinaryPrimitives.ReadInt32LittleEndian(head[4..]));
        return width > 0 && height > 0 ? new Thumbnail(width, height, head[8] != 0, message[HeadBytes..]) : null;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[HeadBytes + Webp.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Height);
        bytes[8] = Animated ? (byte)1 : (byte)0;
        Webp.CopyTo(bytes.AsMemory(HeadBytes));
        return bytes;
    }
}
