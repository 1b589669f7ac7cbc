using System.Buffers.Binary;
using System.Text;

namespace Realtime.Wire;

/// <summary>WebSocket frames as a server writes them (RFC 6455, section 5.2): final, unmasked, header then payload.</summary>
internal static class Framing
{
    public const byte Text = 0x1;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;

    private const byte Final = 0x80;

    /// <summary>Longest close reason that fits into a control frame beside its code.</summary>
    private const int MaxReasonBytes = 123;

    public static int HeaderLength(int payload) => payload switch
    {
        < 126 => 2,
        <= ushort.MaxValue => 4,
        _ => 10,
    };

    public static void WriteHeader(Span<byte> target, byte opcode, int payload)
    {
        target[0] = (byte)(Final | opcode);
        switch (payload)
        {
            case < 126:
                target[1] = (byte)payload;
                break;
            case <= ushort.MaxValue:
                target[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)payload);
                break;
            default:
                target[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(target[2..], (ulong)payload);
                break;
        }
    }

    /// <summary>Whether the bytes are exactly one frame as <see cref="WriteHeader"/> begins it; a socket never gets anything else.</summary>
    public static bool IsWholeTextFrame(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 2 || frame[0] != (Final | Text))
        {
            return false;
        }

        var payload = frame[1] switch
        {
            < 126 => frame[1],
            126 when frame.Length >= 4 => BinaryPrimitives.ReadUInt16BigEndian(frame[2..]),
            127 when frame.Length >= 10 => (long)BinaryPrimitives.ReadUInt64BigEndian(frame[2..]),
            _ => -1,
        };
        return payload is >= 0 and <= WireFrame.MaxLength && frame.Length == HeaderLength((int)payload) + payload;
    }

    /// <summary>A text frame around <paramref name="json"/>.</summary>
    public static WireFrame TextFrame(ReadOnlySpan<byte> json, long seq = 0) => Frame(Text, json, seq);

    public static WireFrame PingFrame() => Frame(Ping, []);

    /// <summary>A close frame; the reason is cut at a character's boundary where it is too long.</summary>
    public static WireFrame CloseFrame(int code, string? reason)
    {
        Span<byte> payload = stackalloc byte[2 + MaxReasonBytes];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoder encoder = Encoding.UTF8.GetEncoder();
        encoder.Convert(reason, payload[2..], flush: true, out _, out var written, out _);
        return Frame(Close, payload[..(2 + written)]);
    }

    private static WireFrame Frame(byte opcode, ReadOnlySpan<byte> payload, long seq = 0)
    {
        var header = HeaderLength(payload.Length);
        var bytes = GC.AllocateUninitializedArray<byte>(header + payload.Length);
        WriteHeader(bytes, opcode, payload.Length);
        payload.CopyTo(bytes.AsSpan(header));
        return new WireFrame(bytes, 0, bytes.Length, seq);
    }
}
