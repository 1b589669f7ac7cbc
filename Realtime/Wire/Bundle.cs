using System.Buffers;
using System.Buffers.Binary;
using Contracts.Messages;

namespace Realtime.Wire;

/// <summary>
/// Several messages of one room as one event on the broker, which handles it as one command and delivers it as one reply. An envelope's header
/// (<see cref="ChannelKind.Bundle"/>; seq: how many messages) and then, for each message in the order of the batch:
/// </summary>
/// <remarks>
/// <code>
/// 0   seq, i64
/// 8   length of the frame, u32
/// 12  the frame
/// </code>
/// Numbers are little endian. A bundle is checked to its end before anything of it is delivered: one that is cut, empty or too long is dropped as a
/// whole, and its messages are fetched from history. The frames stay in the bundle's own array.
/// </remarks>
internal static class Bundle
{
    /// <summary>Wire version from which on nodes read bundles.</summary>
    public const int Since = 2;

    /// <summary>Most messages of a bundle.</summary>
    public const int MaxMessages = 64;

    /// <summary>Most bytes of a bundle behind its header. One that grows beyond it is ended, unless it is a single frame's.</summary>
    public const int MaxBytes = 128 * 1024;

    internal const int EntryHeader = 12;

    /// <summary>Whether the bytes are exactly <paramref name="count"/> messages.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> body, long count)
    {
        if (count is <= 0 or > MaxMessages || body.Length > MaxBytes)
        {
            return false;
        }

        while (count-- > 0)
        {
            if (body.Length < EntryHeader || BinaryPrimitives.ReadInt64LittleEndian(body) <= 0)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
            body = body[EntryHeader..];
            if (length > WireFrame.MaxLength || length > body.Length || !Framing.IsWholeTextFrame(body[..(int)length]))
            {
                return false;
            }

            body = body[(int)length..];
        }

        return body.IsEmpty;
    }

    /// <summary>The messages of a bundle that was read by <see cref="Envelope.TryDecode"/>, as if each had come for itself.</summary>
    public static Messages Of(in Envelope bundle) => new(bundle);

    /// <summary>Enumerates without an allocation.</summary>
    internal struct Messages(in Envelope bundle)
    {
        private readonly Envelope _bundle = bundle;
        private ArraySegment<byte> _left = bundle.Frame;

        public Envelope Current { get; private set; }

        public readonly Messages GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_left.Count == 0)
            {
                return false;
            }

            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_left[8..]);
            Current = _bundle with
            {
                Kind = ChannelKind.Message,
                Seq = BinaryPrimitives.ReadInt64LittleEndian(_left),
                Frame = _left.Slice(EntryHeader, length),
            };
            _left = _left[(EntryHeader + length)..];
            return true;
        }
    }
}

/// <summary>Collects messages for envelopes: one message becomes an envelope of its own, several become a bundle. Reused; one thread.</summary>
internal sealed class BundleWriter
{
    private readonly ArrayBufferWriter<byte> _body = new(4 * 1024);

    /// <summary>Messages in it.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one more; false when it does not fit, and nothing has changed. The first always fits.</summary>
    public bool TryAdd(MessageRecord message) =>
        Count < Bundle.MaxMessages && FrameEncoder.Message(message, (this, message.Seq), static (to, json) => to.Item1.TryAppend(to.Seq, json));

    /// <summary>What was collected, as bytes; the writer is empty again.</summary>
    /// <param name="epoch">Of the layout.</param>
    /// <param name="publishedAt">Microseconds since the Unix epoch.</param>
    /// <param name="traceParent">W3C trace context; null: not recorded.</param>
    public byte[] Take(uint epoch, long publishedAt, string? traceParent)
    {
        var body = _body.WrittenSpan;
        var isBundle = Count > 1;
        var header = new Envelope(
            isBundle ? ChannelKind.Bundle : ChannelKind.Message,
            epoch,
            isBundle ? Count : BinaryPrimitives.ReadInt64LittleEndian(body),
            publishedAt,
            null,
            null,
            null,
            null,
            traceParent,
            default);
        var bytes = Envelope.EncodeFramed(header, isBundle ? body : body[Bundle.EntryHeader..]);
        _body.ResetWrittenCount();
        Count = 0;
        return bytes;
    }

    private bool TryAppend(long seq, ReadOnlySpan<byte> json)
    {
        var framing = Framing.HeaderLength(json.Length);
        var length = framing + json.Length;
        if (Count > 0 && _body.WrittenCount + Bundle.EntryHeader + length > Bundle.MaxBytes)
        {
            return false;
        }

        var span = _body.GetSpan(Bundle.EntryHeader + length);
        BinaryPrimitives.WriteInt64LittleEndian(span, seq);
        BinaryPrimitives.WriteUInt32LittleEndian(span[8..], (uint)length);
        Framing.WriteHeader(span[Bundle.EntryHeader..], Framing.Text, json.Length);
        json.CopyTo(span[(Bundle.EntryHeader + framing)..]);
        _body.Advance(Bundle.EntryHeader + length);
        Count++;
        return true;
    }
}
