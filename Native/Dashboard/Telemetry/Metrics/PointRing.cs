using System.Runtime.CompilerServices;

namespace Dashboard.Telemetry.Metrics;

/// <summary>Points of a series by time, the newest of a fixed number. Grows up to it as points come, so that a series with few points is small.</summary>
/// <param name="capacity">The most points.</param>
/// <param name="weigh">Memory of a value outside of its slot. Neighbours that are the same object count once.</param>
internal sealed class PointRing<T>(int capacity, Func<T, long>? weigh = null)
{
    private long[] _times = new long[Math.Min(capacity, 4)];
    private T[] _values = new T[Math.Min(capacity, 4)];
    private int _head;
    private long _outside;

    public int Count { get; private set; }

    public long Bytes => (2 * Weight.Object) + (_times.Length * (sizeof(long) + (long)Unsafe.SizeOf<T>())) + _outside;

    public long TimeAt(int index) => _times[Place(index)];

    public T this[int index] => _values[Place(index)];

    /// <summary>Puts a point at the end; one of the same step of time as the last replaces it.</summary>
    /// <returns>False when it is older than the last.</returns>
    public bool Add(long time, T value, long step)
    {
        if (Count > 0 && time < TimeAt(Count - 1))
        {
            return false;
        }

        // The first point stays: it is what later ones are compared with.
        if (Count > 1 && time / step == TimeAt(Count - 1) / step)
        {
            RemoveLast();
        }

        if (Count == _times.Length && Count < capacity)
        {
            Grow();
        }

        if (Count == _times.Length)
        {
            RemoveFirst();
        }

        _outside += Count > 0 && IsSame(this[Count - 1], value) ? 0 : Outside(value);
        var next = Place(Count);
        (_times[next], _values[next]) = (time, value);
        Count++;
        return true;
    }

    public void RemoveFirst()
    {
        var first = this[0];
        _outside -= Count > 1 && IsSame(this[1], first) ? 0 : Outside(first);
        _values[_head] = default!;
        _head = (_head + 1) % _times.Length;
        Count--;
    }

    public (long[] Times, T[] Values) Copy()
    {
        var times = new long[Count];
        var values = new T[Count];
        for (var i = 0; i < Count; i++)
        {
            (times[i], values[i]) = (TimeAt(i), this[i]);
        }

        return (times, values);
    }

    private static bool IsSame(T one, T other) => !typeof(T).IsValueType && ReferenceEquals(one, other);

    private long Outside(T value) => weigh is null ? 0 : weigh(value);

    private void RemoveLast()
    {
        var last = this[Count - 1];
        _outside -= Count > 1 && IsSame(this[Count - 2], last) ? 0 : Outside(last);
        _values[Place(Count - 1)] = default!;
        Count--;
    }

    private int Place(int index) => (_head + index) % _times.Length;

    private void Grow()
    {
        var size = Math.Min(capacity, _times.Length * 2);
        var (times, values) = Copy();
        Array.Resize(ref times, size);
        Array.Resize(ref values, size);
        (_times, _values, _head) = (times, values, 0);
    }
}
