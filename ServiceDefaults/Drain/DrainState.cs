namespace ServiceDefaults.Drain;

/// <summary>
/// How far this replica's shutdown has come. Serving -> Draining at SIGTERM (not ready, still serving) -> Stopping after
/// <see cref="DrainOptions.Delay"/> (participants run, then the server stops). It never goes back.
/// </summary>
public sealed class DrainState : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Whether SIGTERM came: refuse new long-lived work (sockets, uploads), finish what runs.</summary>
    public bool IsDraining => _draining.IsCancellationRequested;

    /// <summary>Whether the delay is over.</summary>
    public bool IsStopping => _stopping.IsCancellationRequested;

    /// <summary>Fires at SIGTERM.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Fires when the delay is over, just before the participants run.</summary>
    public CancellationToken Stopping => _stopping.Token;

    internal void BeginDraining() => _draining.Cancel();

    internal void BeginStopping() => _stopping.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _draining.Dispose();
        _stopping.Dispose();
    }
}
