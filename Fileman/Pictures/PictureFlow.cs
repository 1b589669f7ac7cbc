using System.Buffers;
using System.IO.Pipelines;
using Fileman.Uploads;

namespace Fileman.Pictures;

/// <summary>
/// A picture's bytes on their way from its sender to the store. A walk through the format takes what it must look at, copies what shows the picture, and drops or blanks the rest; no more than one
/// taken piece is in memory. What a call could not do because the body ended or was refused is false or null, and <see cref="Refusal"/> says which;
/// bytes that were read by then are not lost.
/// </summary>
internal sealed class PictureFlow(PipeReader body, Func<ReadOnlyMemory<byte>, ValueTask<IntakeOutcome?>> emit, long maxBytes, CancellationToken cancellationToken)
{
    /// <summary>Longest piece that can be taken: what lists the items of an AVIF picture is the longest that any walk needs.</summary>
    public const int MaxTake = 256 * 1_024;

    private static readonly byte[] Zeros = new byte[4_096];

    private byte[] _taken = new byte[512];
    private ReadOnlySequence<byte> _ahead;
    private SequencePosition _end;
    private bool _isRead;
    private bool _isCompleted;

    /// <summary>Bytes that came in.</summary>
    public long Received { get; private set; }

    /// <summary>Position in the body of what comes next.</summary>
    public long Position => Received - _ahead.Length;

    /// <summary>Why the body must not be taken further; null as long as it may.</summary>
    public IntakeOutcome? Refusal { get; private set; }

    /// <summary>The next bytes, without copying them to the store; good until the next call. Null when there are fewer: those go to the store as they are.</summary>
    public async ValueTask<Memory<byte>?> TakeAsync(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxTake);
        if (_taken.Length < count)
        {
            Array.Resize(ref _taken, Math.Max(count, _taken.Length * 2));
        }

        var length = 0;
        while (length < count)
        {
            if (!await FillAsync())
            {
                await EmitAsync(_taken.AsMemory(0, length));
                return null;
            }

            var piece = Next(count - length);
            piece.CopyTo(_taken.AsMemory(length));
            length += piece.Length;
        }

        return _taken.AsMemory(0, count);
    }

    /// <summary>Writes bytes that the walk made or took.</summary>
    public async ValueTask<bool> EmitAsync(ReadOnlyMemory<byte> bytes)
    {
        Refusal ??= bytes.IsEmpty ? null : await emit(bytes);
        return Refusal is null;
    }

    /// <summary>The next bytes as they are.</summary>
    public async ValueTask<bool> CopyAsync(long count)
    {
        for (var left = count; left > 0;)
        {
            if (!await FillAsync())
            {
                return false;
            }

            var piece = Next(left);
            left -= piece.Length;
            if (!await EmitAsync(piece))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Passes over the next bytes.</summary>
    public async ValueTask<bool> DropAsync(long count)
    {
        for (var left = count; left > 0;)
        {
            if (!await FillAsync())
            {
                return false;
            }

            left -= Next(left).Length;
        }

        return true;
    }

    /// <summary>Zeros in place of the next bytes, where others count on positions.</summary>
    public async ValueTask<bool> BlankAsync(long count)
    {
        for (var left = count; left > 0;)
        {
            var chunk = Math.Min(left, Zeros.Length);
            if (!await DropAsync(chunk) || !await EmitAsync(Zeros.AsMemory(0, (int)chunk)))
            {
                return false;
            }

            left -= chunk;
        }

        return true;
    }

    /// <summary>Copies up to the next <paramref name="value"/>, which is then the next byte.</summary>
    public async ValueTask<bool> CopyUntilAsync(byte value)
    {
        while (await FillAsync())
        {
            var there = _ahead.PositionOf(value);
            var before = there is { } position ? _ahead.GetOffset(position) - _ahead.GetOffset(_ahead.Start) : _ahead.Length;
            if (!await CopyAsync(before))
            {
                return false;
            }

            if (there is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies all that is left.</summary>
    public ValueTask<bool> CopyRestAsync() => CopyAsync(long.MaxValue);

    /// <summary>Passes over all that is left.</summary>
    public ValueTask<bool> DropRestAsync() => DropAsync(long.MaxValue);

    /// <summary>Gives back to the server's buffer what was read and not used: it reads the rest of a refused body away, so that the sender gets to see its answer.</summary>
    public void End()
    {
        _ahead = default;
        if (_isRead)
        {
            _isRead = false;
            body.AdvanceTo(_end);
        }
    }

    private ReadOnlyMemory<byte> Next(long most)
    {
        var position = _ahead.Start;
        var piece = ReadOnlyMemory<byte>.Empty;
        while (piece.IsEmpty)
        {
            // There is more: the caller has checked. A segment may be empty.
            _ahead.TryGet(ref position, out piece);
        }

        piece = piece[..(int)Math.Min(most, piece.Length)];
        _ahead = _ahead.Slice(piece.Length);
        return piece;
    }

    /// <summary>False when there is nothing more.</summary>
    private async ValueTask<bool> FillAsync()
    {
        while (_ahead.IsEmpty)
        {
            if (Refusal is not null)
            {
                return false;
            }

            End();
            if (_isCompleted)
            {
                return false;
            }

            var read = await body.ReadAsync(cancellationToken);
            (_isRead, _isCompleted, _ahead, _end) = (true, read.IsCompleted, read.Buffer, read.Buffer.End);
            Received += read.Buffer.Length;
            if (Received > maxBytes)
            {
                Refusal = IntakeOutcome.TooLarge;
                return false;
            }
        }

        return Refusal is null;
    }
}
