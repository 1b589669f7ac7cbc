namespace Dbman.Postgres;

/// <summary>
/// The one connection that the pool keeps for this replica's own work in addition to its health check (<see cref="DatabaseOptionsValidator"/>): each
/// background task takes a turn, so that it never takes a connection from requests.
/// </summary>
internal sealed class OwnConnection
{
    // Not disposed: a turn may end after the container has ended, and its wait handle is never used.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Waits for the turn; disposing ends it.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    /// <summary>The turn, or null where somebody has it.</summary>
    public IDisposable? TryEnter() => _turn.Wait(TimeSpan.Zero) ? new Turn(_turn) : null;

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
