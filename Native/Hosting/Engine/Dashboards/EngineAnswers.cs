using Aspire.Hosting.ApplicationModel;
using Grpc.Core;
using Wire = Dashboard.Wire;

namespace Aspire.Hosting.Engine.Dashboards;

/// <summary>
/// What the engine answers the dashboard. A stream holds nothing for a slow reader: it looks at the latest state when it may write again, and says how
/// many lines have passed meanwhile.
/// </summary>
internal sealed class EngineAnswers(
    EngineContext engine, InstanceViews views, ResourceCommandService commands, Scaler scaler, LoginTokens tokens) : Wire.EngineService.EngineServiceBase
{
    private const int LinesOfABatch = 1_000;

    /// <summary>Short enough to look immediate, long enough that a burst is one message.</summary>
    private static readonly TimeSpan BetweenChanges = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _over = new();

    /// <summary>Ends every stream.</summary>
    public void End() => _over.Cancel();

    public override async Task WatchInstances(
        Wire.WatchInstancesRequest request, IServerStreamWriter<Wire.InstanceChanges> responseStream, ServerCallContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _over.Token);
        using var tick = new PeriodicTimer(BetweenChanges, engine.Time);
        var sent = new Dictionary<string, Wire.Instance>(StringComparer.OrdinalIgnoreCase);

        // What was looked at last, so that nothing is worked out anew five times a second that cannot have changed.
        var seen = new Dictionary<string, (ResourceEvent, object)>(StringComparer.OrdinalIgnoreCase);
        var isFirst = true;
        try
        {
            do
            {
                var changes = new Wire.InstanceChanges { Application = engine.ApplicationName, IsSnapshot = isFirst };
                var known = engine.Notifications.Current;
                var isSecret = views.SecretTest();
                foreach (var one in known.Where(k => !seen.TryGetValue(k.ResourceId, out var before) || before != (k, views.FiguresOf(k))))
                {
                    seen[one.ResourceId] = (one, views.FiguresOf(one));
                    var view = views.View(one, isSecret);
                    if (!sent.TryGetValue(view.Id, out var before) || !before.Equals(view))
                    {
                        sent[view.Id] = view;
                        changes.Changed.Add(view);
                    }
                }

                var ids = known.Select(k => k.ResourceId).ToHashSet(StringComparer.OrdinalIgnoreCase);
                foreach (var gone in sent.Keys.Where(k => !ids.Contains(k)).ToArray())
                {
                    sent.Remove(gone);
                    seen.Remove(gone);
                    changes.RemovedIds.Add(gone);
                }

                if (isFirst || changes.Changed.Count > 0 || changes.RemovedIds.Count > 0)
                {
                    isFirst = false;
                    await responseStream.WriteAsync(changes, either.Token);
                }
            }
            while (await tick.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The reader has gone, or the application has.
        }
    }

    public override async Task WatchLines(Wire.WatchLinesRequest request, IServerStreamWriter<Wire.LineBatch> responseStream, ServerCallContext context)
    {
        if (!engine.Notifications.TryGetCurrentState(request.InstanceId, out var known))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"There is no '{request.InstanceId}'."));
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _over.Token);
        var buffer = engine.Loggers.BufferOf(known.ResourceId);
        var last = -1;
        try
        {
            while (true)
            {
                var (lines, news) = buffer.After(Math.Max(0, last), LinesOfABatch);
                if (lines.Count > 0)
                {
                    var batch = new Wire.LineBatch { Skipped = last < 0 ? 0 : lines[0].LineNumber - last - 1 };
                    batch.Lines.AddRange(lines.Select(l => new Wire.Line { Number = l.LineNumber, Text = l.Content, IsError = l.IsErrorMessage }));
                    last = lines[^1].LineNumber;
                    await responseStream.WriteAsync(batch, either.Token);
                }

                if (lines.Count == LinesOfABatch)
                {
                    continue;
                }

                if (request.OnlyKept || (news is null && lines.Count == 0))
                {
                    return;
                }

                // The first of a burst goes out at once, what follows together.
                await (lines.Count == 0 ? news!.WaitAsync(either.Token) : Task.Delay(BetweenLines, engine.Time, either.Token));
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The reader has gone, or the application has.
        }
    }

    public override async Task<Wire.Outcome> Execute(Wire.ExecuteRequest request, ServerCallContext context)
    {
        var result = await commands.ExecuteCommandAsync(request.InstanceId, request.Command, context.CancellationToken);
        return new Wire.Outcome { Succeeded = result.Success, Reason = result.Message ?? string.Empty };
    }

    public override async Task<Wire.Outcome> Scale(Wire.ScaleRequest request, ServerCallContext context)
    {
        var refusal = await scaler.ScaleAsync(request.Resource, request.Replicas, context.CancellationToken);
        return new Wire.Outcome { Succeeded = refusal is null, Reason = refusal ?? string.Empty };
    }

    public override Task<Wire.RevealResponse> Reveal(Wire.RevealRequest request, ServerCallContext context)
    {
        var response = new Wire.RevealResponse();
        if (views.Reveal(request.InstanceId, request.Of, request.Name) is { } text)
        {
            response.Text = text;
        }

        return Task.FromResult(response);
    }

    public override Task<Wire.Outcome> Login(Wire.LoginRequest request, ServerCallContext context)
    {
        var isGood = tokens.TryUse(request.Token);
        return Task.FromResult(new Wire.Outcome { Succeeded = isGood, Reason = isGood ? string.Empty : "The token is not the one of the latest link." });
    }
}
