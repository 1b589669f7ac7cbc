using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;

namespace Realtime.Wire;

/// <summary>Records to envelopes (publisher) and to frames (node).</summary>
internal static class Frames
{
    /// <summary>The envelope of a system event.</summary>
    public static byte[] Envelope(SystemEventRecord record, long publishedAt, string? traceParent, uint epoch = 0) =>
        FrameEncoder.System(
            record,
            new Wire.Envelope(ChannelKind.System, epoch, 0, publishedAt, record.Id, record.User, null, record.Event, traceParent, default),
            static (header, json) => Wire.Envelope.Encode(header, json));

    /// <summary>The envelope of a signal.</summary>
    public static byte[] Envelope(
        string room, string id, string sender, string? to, string connection, ReadOnlySpan<byte> data, long publishedAt, string? traceParent, uint epoch = 0) =>
        FrameEncoder.Signal(
            room,
            id,
            sender,
            to,
            data,
            new Wire.Envelope(ChannelKind.Signal, epoch, 0, publishedAt, id, to, connection, null, traceParent, default),
            static (header, json) => Wire.Envelope.Encode(header, json));

    /// <summary>A message from history, as it would have been published.</summary>
    public static WireFrame Frame(MessageRecord message) =>
        FrameEncoder.Message(message, message.Seq, static (seq, json) => Framing.TextFrame(json, seq));

    /// <summary>An answer to one client.</summary>
    public static WireFrame Frame(ServerFrame frame) =>
        FrameEncoder.Reply(frame, 0, static (_, json) => Framing.TextFrame(json));

    /// <summary>What a node sends on.</summary>
    public static WireFrame Frame(in Envelope envelope) =>
        new(envelope.Frame.Array!, envelope.Frame.Offset, envelope.Frame.Count, envelope.Seq, envelope.PublishedAt);
}
