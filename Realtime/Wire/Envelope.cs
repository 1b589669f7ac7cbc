using System.Buffers.Binary;
using System.Text;

namespace Realtime.Wire;

/// <summary>
/// What travels through Redis: a small binary header, then a complete WebSocket text frame which nodes send on unchanged.
/// </summary>
/// <remarks>
/// <code>
/// 0   version (1)
/// 1   kind
/// 2   length of the header, u16: where the frame starts; a newer publisher may append header fields that older nodes skip
/// 4   layout epoch, u32
/// 8   seq, i64 (messages; else 0)
/// 16  published at, i64: microseconds since the Unix epoch
/// 24  lengths of id, user, connection, event, trace parent: one byte each
/// 29  these five, ASCII, one after the other
/// </code>
/// Numbers are little endian. Reading never throws: what is not understood is reported as such and skipped by the caller.
/// </remarks>
/// <param name="Kind">What it carries.</param>
/// <param name="Epoch">Epoch of the layout that the publisher used.</param>
/// <param name="Seq">Messages: number in the room.</param>
/// <param name="PublishedAt">Microseconds since the Unix epoch.</param>
/// <param name="Id">
/// Id of the event; receivers drop a second copy of signals and system events by it. Not read for messages: these have a seq.
/// </param>
/// <param name="User">Signals: the only user to get it. System events: the user it is about.</param>
/// <param name="Connection">Signals: the connection that sent it, which does not get it back.</param>
/// <param name="Event">System and control events: name.</param>
/// <param name="TraceParent">W3C trace context of the publisher, when its trace is recorded.</param>
/// <param name="Frame">The frame to send; for control events the plain payload.</param>
internal readonly record struct Envelope(
    ChannelKind Kind,
    uint Epoch,
    long Seq,
    long PublishedAt,
    string? Id,
    string? User,
    string? Connection,
    string? Event,
    string? TraceParent,
    ArraySegment<byte> Frame)
{
    public const byte Version = 1;

    private const int FixedLength = 29;

    /// <summary>Header with every field at its longest; keeps a forged length from wasting work.</summary>
    private const int MaxHeaderLength = 4096;

    /// <summary>The envelope as bytes, with <paramref name="json"/> framed as a WebSocket text message (control events: as it is).</summary>
    public static byte[] Encode(in Envelope header, ReadOnlySpan<byte> json)
    {
        var names = Length(header.Id) + Length(header.User) + Length(header.Connection) + Length(header.Event) + Length(header.TraceParent);
        var headerLength = FixedLength + names;
        var framing = header.Kind == ChannelKind.Control ? 0 : Framing.HeaderLength(json.Length);
        var bytes = GC.AllocateUninitializedArray<byte>(headerLength + framing + json.Length);
        var span = bytes.AsSpan();
        span[0] = Version;
        span[1] = (byte)header.Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], (ushort)headerLength);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], header.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(span[8..], header.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(span[16..], header.PublishedAt);
        var at = FixedLength;
        Put(span, 24, ref at, header.Id);
        Put(span, 25, ref at, header.User);
        Put(span, 26, ref at, header.Connection);
        Put(span, 27, ref at, header.Event);
        Put(span, 28, ref at, header.TraceParent);
        if (framing > 0)
        {
            Framing.WriteHeader(span[headerLength..], Framing.Text, json.Length);
        }

        json.CopyTo(span[(headerLength + framing)..]);
        return bytes;
    }

    /// <summary>Reads an envelope; the frame is a slice of <paramref name="data"/>, which must not be written to afterwards.</summary>
    public static DecodeStatus TryDecode(byte[]? data, out Envelope envelope)
    {
        envelope = default;
        if (data is null || data.Length < FixedLength)
        {
            return DecodeStatus.Malformed;
        }

        if (data[0] != Version)
        {
            return DecodeStatus.UnknownVersion;
        }

        var span = data.AsSpan();
        int headerLength = BinaryPrimitives.ReadUInt16LittleEndian(span[2..]);
        var names = span[24] + span[25] + span[26] + span[27] + span[28];
        if (headerLength > MaxHeaderLength || headerLength < FixedLength + names || headerLength > data.Length)
        {
            return DecodeStatus.Malformed;
        }

        var kind = (ChannelKind)data[1];
        if (kind is < ChannelKind.Message or > ChannelKind.Control)
        {
            return DecodeStatus.UnknownKind;
        }

        var frame = new ArraySegment<byte>(data, headerLength, data.Length - headerLength);
        var seq = BinaryPrimitives.ReadInt64LittleEndian(span[8..]);
        if ((kind == ChannelKind.Message && seq <= 0)
            || frame.Count > WireFrame.MaxLength
            || (kind != ChannelKind.Control && !Framing.IsWholeTextFrame(frame)))
        {
            return DecodeStatus.Malformed;
        }

        var epoch = BinaryPrimitives.ReadUInt32LittleEndian(span[4..]);
        var publishedAt = BinaryPrimitives.ReadInt64LittleEndian(span[16..]);
        if (kind == ChannelKind.Message)
        {
            // The hot path: nothing but the frame and its number is needed, so no string is made, unless its trace is recorded.
            var skipped = FixedLength + names - span[28];
            envelope = new Envelope(kind, epoch, seq, publishedAt, null, null, null, null, span[28] == 0 ? null : Take(span, 28, ref skipped), frame);
            return DecodeStatus.Ok;
        }

        var at = FixedLength;
        envelope = new Envelope(
            kind,
            epoch,
            seq,
            publishedAt,
            Take(span, 24, ref at),
            Take(span, 25, ref at),
            Take(span, 26, ref at),
            Take(span, 27, ref at),
            Take(span, 28, ref at),
            frame);
        return DecodeStatus.Ok;
    }

    private static int Length(string? text) => text?.Length ?? 0;

    private static void Put(Span<byte> span, int lengthAt, ref int at, string? text)
    {
        // Ids, event names and trace parents are validated ASCII of at most 64 characters before they come here.
        span[lengthAt] = checked((byte)Length(text));
        at += Encoding.ASCII.GetBytes(text, span[at..]);
    }

    private static string? Take(ReadOnlySpan<byte> span, int lengthAt, ref int at)
    {
        int length = span[lengthAt];
        var text = length == 0 ? null : Encoding.ASCII.GetString(span.Slice(at, length));
        at += length;
        return text;
    }
}

/// <summary>Outcome of reading an envelope.</summary>
internal enum DecodeStatus
{
    Ok,

    /// <summary>Not an envelope, or a broken one.</summary>
    Malformed,

    /// <summary>Written by a newer publisher in a way that this node cannot read.</summary>
    UnknownVersion,

    /// <summary>A kind that this node does not know.</summary>
    UnknownKind,
}
