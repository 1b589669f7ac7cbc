namespace Realtime.Fanout;

/// <summary>What a <see cref="SeqWindow"/> says about a seq.</summary>
internal enum SeqMark
{
    /// <summary>First time: deliver.</summary>
    New,

    /// <summary>Delivered before.</summary>
    Seen,

    /// <summary>Too far ahead to be remembered: must come again later.</summary>
    TooFar,
}

/// <summary>
/// Which seqs one connection has been sent, in any order: all up to the watermark, and those set in a bitmap above it. Fixed size, so that a hole
/// that stays open costs nothing but <see cref="SeqMark.TooFar"/>.
/// </summary>
internal sealed class SeqWindow(long watermark)
{
    /// <summary>
    /// How far beyond the watermark seqs are remembered; more than a feed ever holds back, so that <see cref="SeqMark.TooFar"/> is rare.
    /// </summary>
    public const int Size = 4096;

    private readonly ulong[] _bits = new ulong[Size / 64];

    /// <summary>Every seq up to this one has been marked.</summary>
    public long Watermark { get; private set; } = watermark;

    /// <summary>Marks <paramref name="seq"/> as sent.</summary>
    public SeqMark Mark(long seq)
    {
        if (seq <= Watermark)
        {
            return SeqMark.Seen;
        }

        if (seq > Watermark + Size)
        {
            return SeqMark.TooFar;
        }

        ref var word = ref Word(seq);
        var bit = 1UL << (int)(seq & 63);
        if ((word & bit) != 0)
        {
            return SeqMark.Seen;
        }

        word |= bit;
        while (TakeNext())
        {
        }

        return SeqMark.New;
    }

    /// <summary>Moves the watermark over the next seq when that is marked; frees its bit.</summary>
    private bool TakeNext()
    {
        var next = Watermark + 1;
        ref var word = ref Word(next);
        var bit = 1UL << (int)(next & 63);
        if ((word & bit) == 0)
        {
            return false;
        }

        word &= ~bit;
        Watermark = next;
        return true;
    }

    private ref ulong Word(long seq) => ref _bits[(seq & (Size - 1)) >> 6];
}
