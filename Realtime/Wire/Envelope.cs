using System.Buffers.Binary;
using System.Text;

namespace Realtime.Wire;

/// <summary>
/// What travels through Redis: a small binary header, then a complete WebSocket text frame which nodes send on unchanged, or a
/// <see cref="Bundle"/> of them.
/// </summary>
/// <remarks>
/// <code>
/// 0   version (1)
/// 1   kind
/// 2   length of the header, u16: where the frame starts; a newer publisher may append header fields that older nodes skip
/// 4   layout epoch, u32
/// 8   seq, i64 (messages; bundles: how many messages; else 0)
/// 16  published at, i64: microseconds since the Unix epoch
/// 24  lengths of id, user, connection, event, trace parent: one byte each
/// 29  these five, ASCII, one after the other
/// </code>
/// Numbers are little endian. Reading never throws: what is not understood is reported as such and skipped by the caller.
/// </remarks>
/// <param name="Kind">What it carries.</param>
/// <param name="Epoch">Epoch of the layout that the publisher used.</param>
/// <param name="Seq">Messages: number in the room. Bundles: how many messages.</param>
/// <param name="PublishedAt">Microseconds since the Unix epoch.</param>
/// <param name="Id">
/// Id of the event; receivers drop a second copy of signals and system events by it. Messages have none: these have a seq.
/// </param>
/// <param name="User">Signals: the only user to get it. System events: the user it is about.</param>
/// <param name="Connection">Signals: the connection that sent it, which does not get it back.</param>
/// <param name="Event">System and control events: name.</param>
/// <param name="TraceParent">W3C trace context of the publisher, when its trace is recorded.</param>
/// <param name="Frame">The frame to send; for control events the plain payload, for bundles all messages.</param>
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

    /// <summary>What this version reads, as nodes report it: 1 single events, 2 bundles as well.</summary>
    public const int WireVersion = 2;

    private const int FixedLength = 29;

    /// <summary>Header with every field at its longest; keeps a forged length from wasting work.</summary>
    private const int MaxHeaderLength = 4096;

    /// <summary>The envelope as bytes, with <paramref name="json"/> framed as a WebSocket text message (control events: as it is).</summary>
    public static byte[] Encode(in Envelope header, ReadOnlySpan<byte> json)
    {
        if (header.Kind == ChannelKind.Control)
        {
            return EncodeFramed(header, json);
        }

        var framing = Framing.HeaderLength(json.Length);
        var bytes = Encode(header, framing + json.Length, out var headerLength);
        Framing.WriteHeader(bytes.AsSpan(headerLength), Framing.Text, json.Length);
        json.CopyTo(bytes.AsSpan(headerLength + framing));
        return bytes;
    }

    /// <summary>The envelope as bytes, with <paramref name="content"/> as it is.</summary>
    public static byte[] EncodeFramed(in Envelope header, ReadOnlySpan<byte> content)
    {
        var bytes = Encode(header, content.Length, out var headerLength);
        content.CopyTo(bytes.AsSpan(headerLength));
        return bytes;
    }

    private static byte[] Encode(in Envelope header, int contentLength, out int headerLength)
    {
        var names = Length(header.Id) + Length(header.User) + Length(header.Connection) + Length(header.Event) + Length(header.TraceParent);
        headerLength = FixedLength + names;
        var bytes = GC.AllocateUninitializedArray<byte>(headerLength + contentLength);
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
        if (kind is < ChannelKind.Message or > ChannelKind.Bundle)
        {
            return DecodeStatus.UnknownKind;
        }

        var frame = new ArraySegment<byte>(data, headerLength, data.Length - headerLength);
        var seq = BinaryPrimitives.ReadInt64LittleEndian(span[8..]);
        var isWhole = kind switch
        {
            ChannelKind.Bundle => Bundle.IsWhole(frame, seq),
            ChannelKind.Control => frame.Count <= WireFrame.MaxLength,
            _ => frame.Count <= WireFrame.MaxLength && Framing.IsWholeTextFrame(frame),
        };
        if (!isWhole || (kind == ChannelKind.Message && seq <= 0))
        {
            return DecodeStatus.Malformed;
        }

        var epoch = BinaryPrimitives.ReadUInt32LittleEndian(span[4..]);
        var publishedAt = BinaryPrimitives.ReadInt64LittleEndian(span[16..]);
        if (kind is ChannelKind.Message or ChannelKind.Bundle)
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
