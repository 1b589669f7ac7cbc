namespace Fileman.Pictures;

/// <summary>The box "iloc": where each item of a picture is stored.</summary>
internal static class HeifLocations
{
    /// <summary>
    /// Adds the extents in the file of those <paramref name="items"/>, and blanks those that lie within the description itself (<paramref name="data"/>). False when it is malformed, or an item is
    /// made of others.
    /// </summary>
    public static bool Read(ReadOnlySpan<byte> box, HashSet<uint> items, Span<byte> data, List<HeifExtent> extents)
    {
        if (box.IsEmpty)
        {
            return items.Count == 0;
        }

        var reader = new Reader(box);
        var version = reader.Number(1);
        reader.Number(3);
        var sizes = reader.Number(2);
        var (offsetBytes, lengthBytes, baseBytes, indexBytes) = ((int)(sizes >> 12), (int)(sizes >> 8) & 15, (int)(sizes >> 4) & 15, version > 0 ? (int)sizes & 15 : 0);
        var count = reader.Number(version < 2 ? 2 : 4);
        for (long i = 0; i < count && !reader.IsShort; i++)
        {
            var id = (uint)reader.Number(version < 2 ? 2 : 4);
            var method = version > 0 ? reader.Number(2) & 15 : 0;
            reader.Number(2);
            var origin = reader.Number(baseBytes);
            var pieces = reader.Number(2);
            for (long j = 0; j < pieces && !reader.IsShort; j++)
            {
                reader.Number(indexBytes);
                var start = origin + reader.Number(offsetBytes);
                var length = reader.Number(lengthBytes);
                if (items.Contains(id) && !Hide(method, start, length, data, extents))
                {
                    return false;
                }
            }
        }

        return !reader.IsShort;
    }

    private static bool Hide(long method, long start, long length, Span<byte> data, List<HeifExtent> extents)
    {
        // No length: everything, which is no metadata.
        if (start < 0 || length <= 0 || start > long.MaxValue - length)
        {
            return false;
        }

        switch (method)
        {
            case 0:
                extents.Add(new HeifExtent(start, start + length));
                return true;
            case 1 when start + length <= data.Length:
                data.Slice((int)start, (int)length).Clear();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Big-endian numbers of 0 to 8 bytes, one after the other; 0 once the bytes have ended.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _left = bytes;

        public bool IsShort { get; private set; }

        public long Number(int length)
        {
            if (length > 8 || length > _left.Length)
            {
                IsShort = true;
                return 0;
            }

            var number = 0L;
            foreach (var one in _left[..length])
            {
                number = (number << 8) | one;
            }

            _left = _left[length..];
            return number;
        }
    }
}
