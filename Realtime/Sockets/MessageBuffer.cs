using System.Buffers;

namespace Realtime.Sockets;

/// <summary>Collects the fragments of one message; grows up to a bound.</summary>
internal sealed class MessageBuffer(int first, int max) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Math.Min(first, max));
    private int _length;

    public ReadOnlyMemory<byte> Message => _bytes.AsMemory(0, _length);

    public bool IsTooLong => _length > max;

    /// <summary>Where the next bytes go; false when the message is longer than allowed.</summary>
    public bool TryGetSpace(out Memory<byte> space)
    {
        // One byte more than allowed is readable, so that a message of exactly the allowed length is not taken for a longer one.
        var end = Math.Min(_bytes.Length, max + 1);
        if (_length == end && _length <= max)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(max + 1, _bytes.Length * 2));
            Message.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
            end = Math.Min(_bytes.Length, max + 1);
        }

        space = _bytes.AsMemory(_length, end - _length);
        return _length <= max;
    }

    public void Advance(int count) => _length += count;

    /// <summary>Forgets what was collected.</summary>
    public void Reset() => _length = 0;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
