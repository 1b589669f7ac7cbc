using System.Runtime.InteropServices;

namespace Fileman.Downloads;

/// <summary>Bytes <paramref name="From"/> to <paramref name="To"/>, both included.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ByteRange(long From, long To)
{
    public long Length => To - From + 1;

    /// <summary>Value of Content-Range.</summary>
    public string Of(long size) => $"bytes {From}-{To}/{size}";
}
