using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace Tests.ServiceDefaults;

public sealed class OtlpExportTests
{
    [Fact]
    public async Task SendsSpansMetricsAndLogs_BeforeTheServiceIsGone()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await ServiceHost.StartAsync(map: app => app.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            // Protocol buffers keep text as it is: enough to see what is in there.
            received.AddOrUpdate(signal, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
            return Results.Ok();
        }));
        var work = ActivityTraceId.CreateRandom();
        var probe = ActivityTraceId.CreateRandom();
        await using (var host = await ServiceHost.StartAsync(
            map: app => app.MapGet("/work", (ILogger<OtlpExportTests> logger) =>
            {
                logger.LogError("the work of {Worker} failed", "Ann");
                return "done";
            }),
            settings: new()
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.ToString(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_SERVICE_NAME"] = "worker-7",
            }))
        {
            await SendAsync(host, "/work", work);
            await SendAsync(host, "/health/live", probe);
        }

        Assert.Equal(["logs", "metrics", "traces"], received.Keys.Order());
        Assert.All(received.Values, text => Assert.Contains("worker-7", text));
        Assert.Contains("http.server.request.duration", received["metrics"]);
        Assert.Contains("the work of Ann failed", received["logs"]);
        Assert.Contains(Bytes(work), received["logs"]);
        Assert.Contains(Bytes(work), received["traces"]);
        Assert.DoesNotContain(Bytes(probe), received["traces"]);
    }

    private static string Bytes(ActivityTraceId id) => Encoding.Latin1.GetString(Convert.FromHexString(id.ToHexString()));

    /// <summary>In a trace of its own, of which the server's part alone is recorded: all tests share one process, and its spans.</summary>
    private static async Task SendAsync(ServiceHost host, string path, ActivityTraceId trace)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" } } };
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
