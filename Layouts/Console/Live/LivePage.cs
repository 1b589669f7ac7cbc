using Microsoft.AspNetCore.Components;

namespace Layouts.Console.Live;

/// <summary>Rendered again when there is something new.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();

    [Inject]
    internal LiveView Live { get; set; } = null!;

    [Inject]
    internal TimeProvider Time { get; set; } = null!;

    /// <summary>Ends when the page is left.</summary>
    private protected CancellationToken Leaving => _leaving.Token;

    private protected ConsoleSnapshot Now => Live.Now;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected override void OnInitialized() => Live.Changed += Draw;

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_leaving.IsCancellationRequested)
        {
            Live.Changed -= Draw;
            _leaving.Cancel();
            _leaving.Dispose();
        }
    }

    /// <summary>Before it is drawn because there is something new.</summary>
    private protected virtual Task RefreshAsync() => Task.CompletedTask;

    private void Draw() => _ = InvokeAsync(async () =>
    {
        try
        {
            if (!_leaving.IsCancellationRequested)
            {
                await RefreshAsync();
                StateHasChanged();
            }
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // The page was left.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    });
}
