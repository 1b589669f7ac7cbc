using System.IO.Compression;
using Dashboard.Listening;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;

namespace Dashboard.Otlp;

/// <summary>OTLP over HTTP: protocol buffers, compressed or not.</summary>
internal static class OtlpHttpEndpoints
{
    private const string ProtobufType = "application/x-protobuf";

    public static void MapOtlpHttp(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").ForSenders(Listener.OtlpHttp);
        group.MapPost("/logs", static (HttpContext context, LogIntake intake) =>
            TakeAsync(context, ExportLogsServiceRequest.Parser, intake.Take));
        group.MapPost("/traces", static (HttpContext context, TraceIntake intake) =>
            TakeAsync(context, ExportTraceServiceRequest.Parser, intake.Take));
        group.MapPost("/metrics", static (HttpContext context, MetricIntake intake) =>
            TakeAsync(context, ExportMetricsServiceRequest.Parser, intake.Take));
    }

    private static async Task TakeAsync<TRequest, TResponse>(HttpContext context, MessageParser<TRequest> parser, Func<TRequest, TResponse> take)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        var max = context.RequestServices.GetRequiredService<IOptions<OtlpOptions>>().Value.MaxRequestBytes;
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (!IsProtobuf(context.Request.ContentType) || encoding is not ("" or "identity" or "gzip"))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = max;
        }

        try
        {
            await using var body = encoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
            using var read = await ReadAsync(body, max, context.RequestAborted);
            if (read is null)
            {
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                return;
            }

            var response = take(parser.ParseFrom(read.GetBuffer().AsSpan(0, (int)read.Length)));
            context.Response.ContentType = ProtobufType;
            await context.Response.Body.WriteAsync(response.ToByteArray(), context.RequestAborted);
        }
        catch (BadHttpRequestException exception)
        {
            context.Response.StatusCode = exception.StatusCode;
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }

    private static bool IsProtobuf(string? contentType) =>
        contentType is not null
        && (contentType.Equals(ProtobufType, StringComparison.OrdinalIgnoreCase)
            || contentType.StartsWith($"{ProtobufType};", StringComparison.OrdinalIgnoreCase));

    /// <summary>The body; null when there is more than <paramref name="max"/> of it, of which no more is unpacked than that.</summary>
    private static async Task<MemoryStream?> ReadAsync(Stream body, int max, CancellationToken cancellationToken)
    {
        var read = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (read.Length + count > max)
            {
                await read.DisposeAsync();
                return null;
            }

            read.Write(buffer, 0, count);
        }

        return read;
    }
}
