using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Contracts;
using Contracts.Frames;
using Contracts.Messages;
using Contracts.Publish;

namespace Realtime.Wire;

/// <summary>
/// The only encoder of room frames. A message that is repaired from history comes out byte for byte as it was published, so no client
/// can tell the two apart.
/// </summary>
internal static class FrameEncoder
{
    /// <summary>A scratch buffer that grew beyond this is not kept.</summary>
    private const int MaxKeptBytes = 256 * 1024;

    // Text goes into JSON that is never pasted into HTML: escaping it for HTML would only lengthen it.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Scratch? _scratch;

    /// <summary>Encodes and hands the JSON to <paramref name="use"/>, which must not keep the span.</summary>
    public static TResult Message<TState, TResult>(MessageRecord message, TState state, Func<TState, ReadOnlySpan<byte>, TResult> use)
        where TState : allows ref struct
    {
        var scratch = Rent(out var writer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, FrameTypes.Message);
        writer.WriteString("room"u8, message.Room);
        writer.WriteNumber("seq"u8, message.Seq);
        writer.WriteString("id"u8, message.Id);
        writer.WriteString("sender"u8, message.Sender);
        writer.WriteString("text"u8, message.Text);
        if (message.Attachments is { Count: > 0 } attachments)
        {
            writer.WriteStartArray("attachments"u8);
            foreach (var attachment in attachments)
            {
                writer.WriteStringValue(attachment);
            }

            writer.WriteEndArray();
        }

        // UtcDateTime: the offset is always Z, whichever way the record came.
        writer.WriteString("sentAt"u8, message.SentAt.UtcDateTime);
        writer.WriteEndObject();
        return Finish(scratch, state, use);
    }

    /// <inheritdoc cref="Message"/>
    public static TResult Signal<TState, TResult>(
        string room, string id, string sender, string? to, ReadOnlySpan<byte> data, TState state, Func<TState, ReadOnlySpan<byte>, TResult> use)
        where TState : allows ref struct
    {
        var scratch = Rent(out var writer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, FrameTypes.Signal);
        writer.WriteString("room"u8, room);
        writer.WriteString("id"u8, id);
        writer.WriteString("sender"u8, sender);
        if (to is not null)
        {
            writer.WriteString("to"u8, to);
        }

        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(data, skipInputValidation: true);
        writer.WriteEndObject();
        return Finish(scratch, state, use);
    }

    /// <inheritdoc cref="Message"/>
    public static TResult System<TState, TResult>(SystemEventRecord record, TState state, Func<TState, ReadOnlySpan<byte>, TResult> use)
        where TState : allows ref struct
    {
        var scratch = Rent(out var writer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, FrameTypes.System);
        writer.WriteString("room"u8, record.Room);
        writer.WriteString("id"u8, record.Id);
        writer.WriteString("event"u8, record.Event);
        writer.WriteString("actor"u8, record.Actor);
        if (record.User is not null)
        {
            writer.WriteString("user"u8, record.User);
        }

        if (record.Data is { } data)
        {
            writer.WritePropertyName("data"u8);
            data.WriteTo(writer);
        }

        writer.WriteString("at"u8, record.At.UtcDateTime);
        writer.WriteEndObject();
        return Finish(scratch, state, use);
    }

    /// <summary>Frames that answer one client: not hot, so they go through the wire record that clients read.</summary>
    public static TResult Reply<TState, TResult>(ServerFrame frame, TState state, Func<TState, ReadOnlySpan<byte>, TResult> use)
        where TState : allows ref struct
    {
        var scratch = Rent(out var writer);
        JsonSerializer.Serialize(writer, frame, ContractsJsonContext.Default.ServerFrame);
        return Finish(scratch, state, use);
    }

    private static Scratch Rent(out Utf8JsonWriter writer)
    {
        // Taken out while in use: an encoder that throws halfway leaves no half-written writer behind.
        var scratch = _scratch ?? new Scratch();
        _scratch = null;
        writer = scratch.Writer;
        return scratch;
    }

    private static TResult Finish<TState, TResult>(Scratch scratch, TState state, Func<TState, ReadOnlySpan<byte>, TResult> use)
        where TState : allows ref struct
    {
        scratch.Writer.Flush();
        var result = use(state, scratch.Buffer.WrittenSpan);
        if (scratch.Buffer.Capacity <= MaxKeptBytes)
        {
            scratch.Buffer.ResetWrittenCount();
            scratch.Writer.Reset();
            _scratch = scratch;
        }

        return result;
    }

    private sealed class Scratch
    {
        public Scratch() => Writer = new Utf8JsonWriter(Buffer, Options);

        public ArrayBufferWriter<byte> Buffer { get; } = new(512);

        public Utf8JsonWriter Writer { get; }
    }
}
