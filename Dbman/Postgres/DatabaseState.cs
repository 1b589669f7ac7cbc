namespace Dbman.Postgres;

/// <summary>
/// Whether the schema is one that this version can work with. Written by the migrator, and by the health check when it finds that the schema changed
/// underneath; read by every request.
/// </summary>
internal sealed class DatabaseState
{
    private readonly SemaphoreSlim _doubt = new(0, 1);

    // Null when requests may be served. One reference, replaced as a whole.
    private volatile string? _reason = "starting: the schema was not looked at yet";

    /// <summary>Why requests are refused; null when they are served.</summary>
    public string? Reason => _reason;

    public void Serve() => _reason = null;

    public void Refuse(string reason) => _reason = reason;

    /// <summary>Stops serving and wakes the migrator.</summary>
    public void Doubt(string reason)
    {
        _reason = reason;
        try
        {
            _doubt.Release();
        }
        catch (SemaphoreFullException)
        {
            // Woken already.
        }
    }

    public Task WaitForDoubtAsync(CancellationToken cancellationToken) => _doubt.WaitAsync(cancellationToken);
}
