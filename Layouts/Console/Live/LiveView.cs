namespace Layouts.Console.Live;

/// <summary>
/// One open page's look at the feed. A page that nobody sees, because another tab is in front of it, does not look and is not drawn.
/// </summary>
internal sealed class LiveView(ConsoleFeed feed) : IDisposable
{
    private bool _isWatching;
    private bool _isDisposed;

    /// <summary>There is something new to draw. Raised on any thread.</summary>
    public event Action? Changed;

    public ConsoleSnapshot Now => feed.Current;

    /// <summary>Called within the page's dispatcher, so never twice at once.</summary>
    public void Show(bool isVisible)
    {
        if (isVisible == _isWatching || _isDisposed)
        {
            return;
        }

        _isWatching = isVisible;
        if (isVisible)
        {
            feed.Changed += Tell;
            feed.Enter();
            Tell();
        }
        else
        {
            feed.Changed -= Tell;
            feed.Leave();
        }
    }

    public void Poke() => feed.Poke();

    public void Dispose()
    {
        Show(isVisible: false);
        _isDisposed = true;
    }

    private void Tell() => Changed?.Invoke();
}
