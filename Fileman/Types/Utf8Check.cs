using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Fileman.Types;

/// <summary>Checks a stream of bytes to be UTF-8 without NUL, piece by piece: a character may be cut by the border of two pieces.</summary>
internal sealed class Utf8Check
{
    private const int LongestCharacter = 4;

    private readonly byte[] _cut = new byte[LongestCharacter];
    private int _cutLength;

    /// <summary>False when the bytes so far cannot be the beginning of such a text.</summary>
    public bool Add(ReadOnlySpan<byte> piece)
    {
        if (piece.Contains((byte)0))
        {
            return false;
        }

        while (_cutLength > 0 && piece.Length > 0)
        {
            _cut[_cutLength++] = piece[0];
            piece = piece[1..];
            switch (Rune.DecodeFromUtf8(_cut.AsSpan(0, _cutLength), out _, out _))
            {
                case OperationStatus.Done:
                    _cutLength = 0;
                    break;
                case OperationStatus.InvalidData:
                    return false;
            }
        }

        var tail = TailOf(piece);
        piece[^tail..].CopyTo(_cut.AsSpan(_cutLength));
        _cutLength += tail;
        return Utf8.IsValid(piece[..^tail]);
    }

    /// <summary>False when the text ends within a character.</summary>
    public bool End() => _cutLength == 0;

    /// <summary>Number of bytes at the end that begin a character and do not end it.</summary>
    private static int TailOf(ReadOnlySpan<byte> piece)
    {
        for (var length = 1; length < LongestCharacter && length <= piece.Length; length++)
        {
            var last = piece[^length];
            if ((last & 0xC0) != 0x80)
            {
                // A lead byte, or ASCII: what follows it is all that may be cut.
                return Rune.DecodeFromUtf8(piece[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
            }
        }

        return 0;
    }
}
