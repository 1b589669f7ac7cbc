using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tests.EndToEnd;

/// <summary>Takes what the system's services send by OTLP over HTTP, and keeps what belongs to a watched trace.</summary>
internal sealed class TelemetryCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _watched = new(StringComparer.Ordinal);

    private TelemetryCollector(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public static async Task<TelemetryCollector> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new TelemetryCollector(builder.Build());
        collector._app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            collector.Take(Encoding.Latin1.GetString(body.ToArray()));
            return Results.Ok();
        });
        await collector._app.StartAsync(cancellationToken);
        return collector;
    }

    /// <summary>From now on, what is sent of a trace is kept.</summary>
    public void Watch(ActivityTraceId trace) => _watched[Bytes(trace)] = new ConcurrentQueue<string>();

    /// <summary>Those of the services that have sent a span of the trace.</summary>
    public IEnumerable<string> Senders(ActivityTraceId trace, IEnumerable<string> services) =>
        services.Where(service => _watched[Bytes(trace)].Any(text => text.Contains(NameOf(service), StringComparison.Ordinal)));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Take(string text)
    {
        foreach (var (trace, kept) in _watched)
        {
            if (text.Contains(trace, StringComparison.Ordinal))
            {
                kept.Enqueue(text);
            }
        }
    }

    private static string Bytes(ActivityTraceId trace) => Encoding.Latin1.GetString(Convert.FromHexString(trace.ToHexString()));

    /// <summary>The attribute as protocol buffers write it: two fields with their lengths in front.</summary>
    private static string NameOf(string service) => $"service.name\x12{(char)(service.Length + 2)}\n{(char)service.Length}{service}";
}
