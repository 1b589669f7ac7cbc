using System.Diagnostics;
using System.Threading.Channels;
using Chat.Relay;
using Contracts;
using Contracts.Dbman;
using Contracts.Messages;
using Contracts.Results;
using Microsoft.Extensions.Options;
using ServiceDefaults.Telemetry;

namespace Chat.Messages;

/// <summary>
/// Stores posts, several in one call to Dbman where several are there.
/// </summary>
/// <remarks>
/// A few workers each have one call in flight. A post that finds a worker idle is sent at once, so nothing waits for company; while all calls are in flight the next batch gathers, so
/// calls grow with load instead of in number. Every post has its own outcome: refusals come per item, a lost Dbman concerns the batch as it would have concerned each. A refusal of the call as such that would
/// come again (not one of them should: posts are checked before) is not taken as final for all: the items are retried one by one, so that no post
/// pays for another's. A sender that goes away leaves its item in the batch: it may be stored, like after any lost answer, and sending it again is
/// harmless.
/// </remarks>
internal sealed class MessageAppender : BackgroundService
{
    /// <summary>Most messages of one call: a quarter of what dbman takes, as more make a call no cheaper.</summary>
    private const int MaxBatch = 64;

    private readonly DbmanClient _dbman;
    private readonly AppendOptions _options;
    private readonly MessageTelemetry _telemetry;
    private readonly ILogger<MessageAppender> _logger;
    private readonly Channel<Pending> _queue;

    public MessageAppender(DbmanClient dbman, IOptions<AppendOptions> options, MessageTelemetry telemetry, ILogger<MessageAppender> logger)
    {
        _dbman = dbman;
        _options = options.Value;
        _telemetry = telemetry;
        _logger = logger;
        _queue = Channel.CreateBounded<Pending>(_options.Queue);
        telemetry.ObserveWaiting(() => _queue.Reader.Count);
    }

    /// <summary>What became of one message.</summary>
    public async Task<ServiceResult<AppendOutcome>> AppendAsync(AppendItem item, CancellationToken cancellationToken)
    {
        var pending = new Pending(item);
        if (!_queue.Writer.TryWrite(pending))
        {
            _telemetry.Refused();
            return new ServiceProblem(
                StatusCodes.Status503ServiceUnavailable,
                ProblemTypes.Overloaded,
                "Overloaded",
                "More messages wait to be stored than this replica may hold.",
                TimeSpan.FromSeconds(1));
        }

        return await pending.Outcome.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The server has stopped by then, so no message can arrive.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, _options.Calls).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var batch = new List<Pending>(MaxBatch);
        while (await TryGatherAsync(batch, cancellationToken))
        {
            try
            {
                await SendAsync(batch, cancellationToken);
            }
            catch (Exception exception)
            {
                // No caller may wait without end. Each one gets the exception, as if the call had been its own.
                _logger.AppendFailed(batch.Count, exception);
                batch.ForEach(pending => pending.Outcome.TrySetException(exception));
            }

            batch.Clear();
        }
    }

    /// <summary>Waits for the first, takes who else is there. False at the end.</summary>
    private async Task<bool> TryGatherAsync(List<Pending> batch, CancellationToken cancellationToken)
    {
        try
        {
            // Reads instead of waiting until it may read: one post wakes one worker.
            batch.Add(await _queue.Reader.ReadAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is ChannelClosedException or OperationCanceledException)
        {
            return false;
        }

        var characters = batch[0].Item.Text.Length;
        while (batch.Count < MaxBatch && characters < _options.MaxBatchCharacters && _queue.Reader.TryRead(out var next))
        {
            characters += next.Item.Text.Length;
            batch.Add(next);
        }

        return true;
    }

    private async Task SendAsync(List<Pending> batch, CancellationToken cancellationToken)
    {
        using var activity = RelayTelemetry.Activities.StartBatch("chat append", batch, static pending => pending.Caller);
        _telemetry.Appended(batch.Count);
        var result = await _dbman.Messages.AppendAsync(new AppendRequest([.. batch.Select(static pending => pending.Item)]), cancellationToken);
        if (result.TryGet(out var response, out var problem))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Outcome.TrySetResult(response.Outcomes[i]);
            }
        }
        else if (problem.IsTransient || batch.Count == 1)
        {
            batch.ForEach(pending => pending.Outcome.TrySetResult(problem));
        }
        else
        {
            foreach (var pending in batch)
            {
                await SendAsync([pending], cancellationToken);
            }
        }
    }

    private sealed record Pending(AppendItem Item)
    {
        /// <summary>The request that waits for it.</summary>
        public Activity? Caller { get; } = Activity.Current;

        public TaskCompletionSource<ServiceResult<AppendOutcome>> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
