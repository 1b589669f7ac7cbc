using System.Globalization;
using System.Text;
using System.Text.Json;
using Dashboard.Telemetry;
using Google.Protobuf.Collections;
using Microsoft.Extensions.Options;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;

namespace Dashboard.Otlp;

/// <summary>What all three signals have in common: attributes, resources, texts, each cut to its bound.</summary>
internal sealed class Decoder(IOptions<TelemetryOptions> options, ResourceTable resources)
{
    private const string CutMark = "… (cut off)";

    /// <summary>Values in values in values: deeper ones are not shown.</summary>
    private const int MaxDepth = 8;

    private readonly TelemetryOptions _options = options.Value;
    private readonly TextPool _pool = new();

    public TelemetryOptions Options => _options;

    public string Share(string text) => _pool.Share(Cut(text));

    public TelemetryResource Resource(Resource? resource) => resources.Get(resource is null ? [] : Tags(resource.Attributes));

    public Tag[] Tags(RepeatedField<KeyValue> attributes)
    {
        if (attributes.Count == 0)
        {
            return [];
        }

        var tags = new Tag[Math.Min(attributes.Count, _options.MaxAttributeCount)];
        for (var i = 0; i < tags.Length; i++)
        {
            tags[i] = new(Share(attributes[i].Key), Share(Text(attributes[i].Value)));
        }

        return tags;
    }

    /// <summary>In one order, so that the same dimensions are equal however they are sent.</summary>
    public Tag[] SortedTags(RepeatedField<KeyValue> attributes)
    {
        var tags = Tags(attributes);
        Array.Sort(tags, static (one, other) => string.CompareOrdinal(one.Key, other.Key));
        return tags;
    }

    public string Text(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => Cut(value.StringValue),
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.BytesValue => Cut(value.BytesValue.ToBase64()),
        AnyValue.ValueOneofCase.ArrayValue or AnyValue.ValueOneofCase.KvlistValue => Cut(Json(value)),
        _ => string.Empty,
    };

    private string Cut(string text)
    {
        if (text.Length <= _options.MaxAttributeLength)
        {
            return text;
        }

        // Not through the middle of a character.
        var length = _options.MaxAttributeLength;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), CutMark);
    }

    private static string Json(AnyValue value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, value, 0);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, AnyValue? value, int depth)
    {
        switch (value?.ValueCase)
        {
            case AnyValue.ValueOneofCase.StringValue:
                writer.WriteStringValue(value.StringValue);
                break;
            case AnyValue.ValueOneofCase.BoolValue:
                writer.WriteBooleanValue(value.BoolValue);
                break;
            case AnyValue.ValueOneofCase.IntValue:
                writer.WriteNumberValue(value.IntValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue when double.IsFinite(value.DoubleValue):
                writer.WriteNumberValue(value.DoubleValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue:
                writer.WriteStringValue(value.DoubleValue.ToString(CultureInfo.InvariantCulture));
                break;
            case AnyValue.ValueOneofCase.BytesValue:
                writer.WriteBase64StringValue(value.BytesValue.Span);
                break;
            case AnyValue.ValueOneofCase.ArrayValue when depth < MaxDepth:
                writer.WriteStartArray();
                foreach (var item in value.ArrayValue.Values)
                {
                    Write(writer, item, depth + 1);
                }

                writer.WriteEndArray();
                break;
            case AnyValue.ValueOneofCase.KvlistValue when depth < MaxDepth:
                writer.WriteStartObject();
                foreach (var item in value.KvlistValue.Values)
                {
                    writer.WritePropertyName(item.Key);
                    Write(writer, item.Value, depth + 1);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
