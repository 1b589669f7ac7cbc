using System.Text;
using Dashboard.Engine;
using Grpc.Core;

namespace Dashboard.Consoles;

/// <summary>An instance's output as a file: what the engine keeps of it, as it was written.</summary>
internal static class ConsoleEndpoints
{
    public static void MapConsole(this WebApplication app) => app.MapGet("/console/{id}/file", DownloadAsync);

    private static async Task<IResult> DownloadAsync(string id, EngineClient engine, InstanceStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (store.Current.Find(id) is not { } instance)
        {
            return TypedResults.NotFound();
        }

        // Kept lines are bounded by the engine: a few megabytes.
        var text = new StringBuilder();
        try
        {
            await foreach (var batch in engine.WatchLinesAsync(instance.Id, onlyKept: true, cancellationToken))
            {
                foreach (var line in batch.Lines)
                {
                    text.Append(line.Text).Append('\n');
                }
            }
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound)
        {
            return TypedResults.NotFound();
        }

        return TypedResults.File(
            Encoding.UTF8.GetBytes(text.ToString()), "text/plain; charset=utf-8", $"{instance.Id}-{time.GetLocalNow():yyyyMMdd-HHmmss}.log");
    }
}
