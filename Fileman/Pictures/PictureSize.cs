using System.Runtime.InteropServices;
using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>Gathers what a walk sees. Formats name sizes more than once, and decoders differ in which they believe: the largest counts.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct PictureSize
{
    private uint _width;
    private uint _height;

    /// <summary>Whether it moves.</summary>
    public bool Animated { get; set; }

    public void Add(uint width, uint height)
    {
        _width = Math.Max(_width, width);
        _height = Math.Max(_height, height);
    }

    /// <summary>Null when no size was seen, or none that a picture has.</summary>
    public readonly PictureInfo? ToInfo() =>
        _width is > 0 and <= int.MaxValue && _height is > 0 and <= int.MaxValue ? new PictureInfo((int)_width, (int)_height, Animated) : null;
}
