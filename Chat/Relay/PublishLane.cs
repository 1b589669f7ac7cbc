using System.Threading.Channels;
using Contracts.Results;
using ServiceDefaults.Waiting;

namespace Chat.Relay;

/// <summary>
/// A bounded queue with one worker that publishes it in batches. While a call is in flight the next batch gathers, so batches grow with
/// load and an idle lane adds no delay. One call at a time keeps the order of the queue.
/// </summary>
/// <remarks>
/// A batch ends published or given up, never half: a refusal that may pass is retried with growing waits, <see cref="RelayOptions.MaxAttempts"/> times
/// in all. What giving up means is the owner's: messages are left to the sweeper, system events are lost.
/// </remarks>
internal abstract class PublishLane<T>(int capacity, RelayOptions options, TimeProvider time)
{
    private readonly Backoff _backoff = new(options.FirstBackoff, options.MaxBackoff);
    private readonly List<T> _batch = [];
    private readonly Channel<T> _queue = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity)
    {
        SingleReader = true,
        FullMode = BoundedChannelFullMode.Wait,
    });

    protected TimeProvider Time => time;

    /// <summary>Items that wait, without those in flight.</summary>
    public int Depth => _queue.Reader.Count;

    /// <summary>False when the queue is full or <see cref="Complete"/> was called; never waits.</summary>
    public bool TryEnqueue(T item) => _queue.Writer.TryWrite(item);

    /// <summary>Takes nothing more; <see cref="RunAsync"/> returns when what waits has been published.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Publishes until <see cref="Complete"/> and an empty queue, or until <paramref name="abort"/>, whichever comes first.</summary>
    public async Task RunAsync(CancellationToken abort)
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(abort))
            {
                Gather();
                await PublishAsync(abort);
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // Time is up. The items are the owner's to count: those of the batch and those that still wait.
            Drop();
        }
    }

    /// <summary>An upper bound of the item's bytes on the wire.</summary>
    protected abstract long Weight(T item);

    /// <summary>One call with the whole batch; null is success.</summary>
    protected abstract Task<ServiceProblem?> SendAsync(List<T> batch, CancellationToken cancellationToken);

    /// <summary>The batch has been handed over.</summary>
    protected abstract void OnPublished(List<T> batch);

    /// <summary>The batch will be sent again.</summary>
    protected abstract void OnRetrying(List<T> batch, ServiceProblem problem);

    /// <summary>The batch will not be sent again: refused for good, failed by a bug, or (neither) out of time.</summary>
    protected abstract void OnGivenUp(List<T> batch, ServiceProblem? problem, Exception? exception);

    private void Gather()
    {
        _batch.Clear();
        var weight = 0L;
        while (_batch.Count < options.MaxBatch && _queue.Reader.TryPeek(out var next))
        {
            weight += Weight(next);
            if (_batch.Count > 0 && weight > options.MaxBatchBytes)
            {
                return;
            }

            _batch.Add(next);
            _queue.Reader.TryRead(out _);
        }
    }

    private async Task PublishAsync(CancellationToken abort)
    {
        for (var attempt = 1; ; attempt++)
        {
            ServiceProblem? problem;
            try
            {
                problem = await SendAsync(_batch, abort);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !abort.IsCancellationRequested)
            {
                // A bug in one batch must not end the lane for all that follow.
                OnGivenUp(_batch, null, exception);
                return;
            }

            if (problem is null)
            {
                OnPublished(_batch);
                return;
            }

            if (!problem.IsTransient || attempt >= options.MaxAttempts)
            {
                OnGivenUp(_batch, problem, null);
                return;
            }

            OnRetrying(_batch, problem);
            await Task.Delay(_backoff.Wait(attempt, problem.RetryAfter), time, abort);
        }
    }

    private void Drop()
    {
        while (_queue.Reader.TryRead(out var item))
        {
            _batch.Add(item);
        }

        if (_batch.Count > 0)
        {
            OnGivenUp(_batch, null, null);
        }
    }
}
