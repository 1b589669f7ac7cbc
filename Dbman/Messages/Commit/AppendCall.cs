using System.Diagnostics;
using Contracts.Messages;
using Contracts.Results;

namespace Dbman.Messages.Commit;

/// <summary>
/// One caller's messages on their way through the lanes. Lanes complete items, each exactly once; the caller waits for all. A caller that goes away
/// leaves its items where they are: those that no batch has taken yet are dropped, the others are stored or not, as with any lost answer.
/// </summary>
internal sealed class AppendCall(IReadOnlyList<AppendItem> items, long enqueuedAt)
{
    private readonly AppendOutcome[] _outcomes = new AppendOutcome[items.Count];

    // Continuations run elsewhere: a lane must not serialize its callers' answers.
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Counted down by lanes and by the caller, each item once.
    private int _remaining = items.Count;

    // The first transient failure. Written by any lane.
    private ServiceProblem? _failure;
    private volatile bool _abandoned;

    public IReadOnlyList<AppendItem> Items { get; } = items;

    /// <summary>Timestamp of the <see cref="TimeProvider"/>.</summary>
    public long EnqueuedAt { get; } = enqueuedAt;

    public bool IsAbandoned => _abandoned;

    /// <summary>The request that waits.</summary>
    public Activity? Caller { get; } = Activity.Current;

    /// <summary>Sets one item's outcome.</summary>
    public void Complete(int index, AppendOutcome outcome)
    {
        _outcomes[index] = outcome;
        CountDown();
    }

    /// <summary>The item may have been stored or not; the whole call is to be repeated, which its ids make harmless.</summary>
    public void Fail(ServiceProblem problem)
    {
        Interlocked.CompareExchange(ref _failure, problem, null);
        CountDown();
    }

    /// <summary>All outcomes, or the reason to call again.</summary>
    public async Task<ServiceResult<AppendResponse>> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _done.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _abandoned = true;
            throw;
        }

        return _failure is { } failure ? failure : new AppendResponse(_outcomes);
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _remaining) == 0)
        {
            _done.TrySetResult();
        }
    }
}
