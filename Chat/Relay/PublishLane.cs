using System.Threading.Channels;
using Contracts.Results;

namespace Chat.Relay;

/// <summary>
/// A bounded queue with one worker that publishes it in batches. While a call is in flight the next batch gathers, so batches grow with
/// load and an idle lane adds no delay. One call at a time keeps the order of the queue.
/// </summary>
/// <remarks>
/// A batch ends published or given up, never half: a refusal that may pass is retried with growing waits, <see cref="RelayOptions.MaxAttempts"/> times
/// in all. What giving up means is the owner's: messages are left to the sweeper, system events are lost.
/// </remarks>
internal sealed class PublishLane<T>
{
    private readonly PublishLaneSettings<T> _settings;
    private readonly TimeProvider _time;
    private readonly Channel<T> _queue;
    private readonly List<T> _batch = [];

    public PublishLane(PublishLaneSettings<T> settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _queue = Channel.CreateBounded<T>(new BoundedChannelOptions(settings.Capacity)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        });
    }

    /// <summary>Items that wait, without those in flight.</summary>
    public int Depth => _queue.Reader.Count;

    /// <summary>False when the queue is full or <see cref="Complete"/> was called; never waits.</summary>
    public bool TryEnqueue(T item) => _queue.Writer.TryWrite(item);

    /// <summary>Takes nothing more; <see cref="RunAsync"/> returns when what waits has been published.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Publishes until <see cref="Complete"/> and an empty queue, or until <paramref name="abort"/>, whatever comes first.</summary>
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

    private void Gather()
    {
        _batch.Clear();
        var weight = 0L;
        while (_batch.Count < _settings.MaxBatch && _queue.Reader.TryPeek(out var next))
        {
            weight += _settings.Weight(next);
            if (_batch.Count > 0 && weight > _settings.MaxBatchWeight)
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
                problem = await _settings.PublishAsync(_batch, abort);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !abort.IsCancellationRequested)
            {
                // A bug in one batch must not end the lane for all that follow.
                _settings.GivenUp(_batch, null, exception);
                return;
            }

            if (problem is null)
            {
                _settings.Published(_batch);
                return;
            }

            if (!problem.IsTransient || attempt >= _settings.MaxAttempts)
            {
                _settings.GivenUp(_batch, problem, null);
                return;
            }

            _settings.Retrying(_batch, problem);
            await Task.Delay(_settings.Backoff.Wait(attempt, problem.RetryAfter), _time, abort);
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
            _settings.GivenUp(_batch, null, null);
        }
    }
}
