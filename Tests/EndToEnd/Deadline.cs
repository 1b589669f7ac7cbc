namespace Tests.EndToEnd;

/// <summary>How long a test may take before it fails with what it was waiting for.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenSource _linked;

    public Deadline(TimeSpan after)
    {
        _source = new CancellationTokenSource(after, TimeProvider.System);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_source.Token, TestContext.Current.CancellationToken);
    }

    public CancellationToken Token => _linked.Token;

    public void Dispose()
    {
        _linked.Dispose();
        _source.Dispose();
    }
}
