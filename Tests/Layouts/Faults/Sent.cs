namespace Tests.Layouts.Faults;

/// <summary>Numbered events of one sender: how many it has begun to send, and which of them it was told are taken.</summary>
internal sealed class Sent(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<(long Number, long At)> _taken = [];
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
            _taken.Add((number, time.GetTimestamp()));
        }
    }

    /// <summary>What was taken of the numbers above <paramref name="after"/>, up to <paramref name="last"/>.</summary>
    public IReadOnlyList<long> Taken(long after, long last)
    {
        lock (_gate)
        {
            return [.. _taken.Select(static taken => taken.Number).Where(number => number > after && number <= last)];
        }
    }

    /// <summary>Of these, what was taken so long ago, or longer.</summary>
    public IReadOnlyList<long> Taken(long after, long last, TimeSpan ago)
    {
        lock (_gate)
        {
            return [.. _taken.Where(taken => time.GetElapsedTime(taken.At) >= ago).Select(static taken => taken.Number).Where(number => number > after && number <= last)];
        }
    }
}
