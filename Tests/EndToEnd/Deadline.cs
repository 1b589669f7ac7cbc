namespace Tests.EndToEnd;

/// <summary>When a test that hangs fails with what it was waiting for. Far longer than any needs on a busy machine: how fast it was says nothing.</summary>
internal sealed class Deadline : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenSource _linked;

    public Deadline()
    {
        _source = new CancellationTokenSource(Limit, TimeProvider.System);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_source.Token, TestContext.Current.CancellationToken);
    }

    public CancellationToken Token => _linked.Token;

    public void Dispose()
    {
        _linked.Dispose();
        _source.Dispose();
    }
}
