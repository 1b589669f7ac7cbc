using Contracts.Results;

namespace Chat.Relay;

/// <summary>What makes one <see cref="PublishLane{T}"/> differ from another.</summary>
internal sealed record PublishLaneSettings<T>
{
    /// <summary>Most items that may wait.</summary>
    public required int Capacity { get; init; }

    /// <summary>Most items of one call.</summary>
    public required int MaxBatch { get; init; }

    /// <summary>Most weight of one call; a single item may exceed it.</summary>
    public required long MaxBatchWeight { get; init; }

    /// <summary>Calls for one batch, the first included.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>How long to wait between them.</summary>
    public required Backoff Backoff { get; init; }

    /// <summary>An upper bound of the item's bytes on the wire.</summary>
    public required Func<T, long> Weight { get; init; }

    /// <summary>One call with the whole batch; null is success.</summary>
    public required Func<List<T>, CancellationToken, Task<ServiceProblem?>> PublishAsync { get; init; }

    /// <summary>The batch has been handed over.</summary>
    public required Action<List<T>> Published { get; init; }

    /// <summary>The batch will be sent again.</summary>
    public required Action<List<T>, ServiceProblem> Retrying { get; init; }

    /// <summary>The batch will not be sent again: refused for good, failed by a bug, or (neither) out of time.</summary>
    public required Action<List<T>, ServiceProblem?, Exception?> GivenUp { get; init; }
}
