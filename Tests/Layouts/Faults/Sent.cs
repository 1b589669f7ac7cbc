namespace Tests.Layouts.Faults;

/// <summary>Numbered events of one sender: how many it has begun to send, and which of them it was told are taken.</summary>
internal sealed class Sent
{
    private readonly Lock _gate = new();
    private readonly List<long> _taken = [];
    private long _begun;

    public long Begun => Interlocked.Read(ref _begun);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _taken.Count;
            }
        }
    }

    /// <summary>The next number, before anything of it is sent.</summary>
    public long Begin() => Interlocked.Increment(ref _begun);

    /// <summary>The system has said that it has it.</summary>
    public void Take(long number)
    {
        lock (_gate)
        {
            _taken.Add(number);
        }
    }

    /// <summary>What was taken of the numbers above <paramref name="after"/>, up to <paramref name="last"/>.</summary>
    public IReadOnlyList<long> Taken(long after, long last)
    {
        lock (_gate)
        {
            return [.. _taken.Where(number => number > after && number <= last)];
        }
    }
}
