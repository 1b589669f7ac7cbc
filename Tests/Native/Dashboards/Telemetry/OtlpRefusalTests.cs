using System.IO.Compression;
using System.Net;
using Dashboard.Otlp;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OpenTelemetry.Exporter;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace Tests.Native.Dashboards.Telemetry;

/// <summary>Who and what is not let in, and how each is told.</summary>
public sealed class OtlpRefusalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("another-key")]
    [InlineData("")]
    public async Task CallWithoutTheKey_IsUnauthenticated(string? key)
    {
        await using var host = await ReceptionHost.StartAsync(OtlpExportProtocol.Grpc);
        using var channel = GrpcChannel.ForAddress(host.Address);
        var call = new Method<byte[], byte[]>(
            MethodType.Unary,
            "opentelemetry.proto.collector.logs.v1.LogsService",
            "Export",
            Marshallers.Create(static b => b, static b => b),
            Marshallers.Create(static b => b, static b => b));
        var headers = key is null ? new Metadata() : new Metadata { { OtlpGate.KeyHeader, key } };

        var refused = await Assert.ThrowsAsync<RpcException>(() => channel.CreateCallInvoker().AsyncUnaryCall(
            call, null, new CallOptions(headers, cancellationToken: Token), OneEntry().ToByteArray()).ResponseAsync);

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Equal(0, host.Logs.Count);
        Assert.Equal(1, host.Counts.Refused);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another-key")]
    public async Task RequestWithoutTheKey_IsUnauthorized(string? key)
    {
        await using var host = await ReceptionHost.StartAsync(OtlpExportProtocol.HttpProtobuf);

        using var response = await SendAsync(host, "logs", OneEntry().ToByteArray(), key);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(0, host.Logs.Count);
    }

    [Fact]
    public async Task CompressedBodyIsRead_AndOneThatUnpacksBeyondTheLimitIsRefused()
    {
        await using var host = await ReceptionHost.StartAsync(
            OtlpExportProtocol.HttpProtobuf, new() { [$"{OtlpOptions.Section}:MaxRequestBytes"] = $"{1 << 16}" });

        using var taken = await SendAsync(host, "logs", Gzip(OneEntry().ToByteArray()), encoding: "gzip");
        using var bomb = await SendAsync(host, "logs", Gzip(new byte[10 << 20]), encoding: "gzip");
        using var large = await SendAsync(host, "logs", new byte[(1 << 16) + 1]);

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(1, host.Logs.Count);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, bomb.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Theory]
    [InlineData("application/x-protobuf", "gzip", HttpStatusCode.BadRequest)]
    [InlineData("application/x-protobuf", null, HttpStatusCode.BadRequest)]
    [InlineData("application/x-protobuf", "br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", null, HttpStatusCode.UnsupportedMediaType)]
    public async Task WhatCannotBeReadIsRefused(string type, string? encoding, HttpStatusCode expected)
    {
        await using var host = await ReceptionHost.StartAsync(OtlpExportProtocol.HttpProtobuf);

        using var response = await SendAsync(host, "traces", [0xff, 0xff, 0xff, 0x01, 0x02], encoding: encoding, type: type);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task SenderIsToldHowManySpansWereNotTaken()
    {
        await using var host = await ReceptionHost.StartAsync(OtlpExportProtocol.HttpProtobuf);
        var request = new ExportTraceServiceRequest
        {
            ResourceSpans =
            {
                new ResourceSpans
                {
                    ScopeSpans =
                    {
                        new ScopeSpans
                        {
                            Spans =
                            {
                                Span([1, .. new byte[15]], [1, .. new byte[7]]),
                                Span([1, 2, 3], [1, .. new byte[7]]),
                                Span(new byte[16], [1, .. new byte[7]]),
                            },
                        },
                    },
                },
            },
        };

        using var response = await SendAsync(host, "traces", request.ToByteArray());

        var answer = ExportTraceServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, answer.PartialSuccess.RejectedSpans);
        Assert.Contains("16 bytes", answer.PartialSuccess.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(1, host.Traces.SpanCount);
        Assert.Equal(2, host.Counts.Rejected);
    }

    [Fact]
    public async Task SenderIsToldWhichPointsWereNotTaken()
    {
        await using var host = await ReceptionHost.StartAsync(OtlpExportProtocol.HttpProtobuf);
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        var request = new ExportMetricsServiceRequest
        {
            ResourceMetrics =
            {
                new ResourceMetrics
                {
                    ScopeMetrics =
                    {
                        new ScopeMetrics
                        {
                            Metrics =
                            {
                                new Metric { Name = "good", Gauge = new() { DataPoints = { new NumberDataPoint { AsInt = 7, TimeUnixNano = now } } } },
                                new Metric { Name = "old", Gauge = new() { DataPoints = { new NumberDataPoint { AsInt = 7, TimeUnixNano = 1 } } } },
                                new Metric { Name = "endless", Gauge = new() { DataPoints = { new NumberDataPoint { AsDouble = double.NaN, TimeUnixNano = now } } } },
                                new Metric
                                {
                                    Name = "bounds",
                                    Histogram = new() { DataPoints = { new HistogramDataPoint { BucketCounts = { 1, 1 }, ExplicitBounds = { 2, 1 }, TimeUnixNano = now } } },
                                },
                                new Metric { Name = "summary", Summary = new() { DataPoints = { new SummaryDataPoint() } } },
                            },
                        },
                    },
                },
            },
        };

        using var response = await SendAsync(host, "metrics", request.ToByteArray());

        var answer = ExportMetricsServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(4, answer.PartialSuccess.RejectedDataPoints);
        Assert.Equal("good", Assert.Single(host.Metrics.Instruments()).Key.Name);
    }

    private static ExportLogsServiceRequest OneEntry() =>
        new() { ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord { SeverityNumber = 9 } } } } } } };

    private static Span Span(byte[] trace, byte[] id) =>
        new() { TraceId = ByteString.CopyFrom(trace), SpanId = ByteString.CopyFrom(id), StartTimeUnixNano = 1_000, EndTimeUnixNano = 2_000 };

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static async Task<HttpResponseMessage> SendAsync(
        ReceptionHost host, string signal, byte[] body, string? key = ReceptionHost.Key, string? encoding = null, string type = "application/x-protobuf")
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, $"/v1/{signal}")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(type);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        if (key is not null)
        {
            request.Headers.Add(OtlpGate.KeyHeader, key);
        }

        return await client.SendAsync(request, Token);
    }
}
