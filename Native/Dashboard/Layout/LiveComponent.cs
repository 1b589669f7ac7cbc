using Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Layout;

/// <summary>A page that changes by itself, for as long as somebody looks at it.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();

    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls now and after changes, with a pause in between, and renders when the call says that there is something to see.</summary>
    private protected void Follow(ChangeSignal changes, TimeSpan pause, Func<bool> refresh) => _ = RunAsync(changes.WatchAsync(pause, _leaving.Token), refresh);

    /// <summary>Calls and renders now and then: for what changes because time passes.</summary>
    private protected void Every(TimeSpan pause, Action refresh) => _ = RunAsync(
        TicksAsync(pause),
        () =>
        {
            refresh();
            return true;
        });

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _leaving.Cancel();
            _leaving.Dispose();
        }
    }

    private async IAsyncEnumerable<long> TicksAsync(TimeSpan pause)
    {
        using var timer = new PeriodicTimer(pause, Time);
        long count = 0;
        do
        {
            yield return count++;
        }
        while (await timer.WaitForNextTickAsync(_leaving.Token));
    }

    private async Task RunAsync(IAsyncEnumerable<long> moments, Func<bool> refresh)
    {
        try
        {
            await foreach (var _ in moments)
            {
                await InvokeAsync(() =>
                {
                    if (!_leaving.IsCancellationRequested && refresh())
                    {
                        StateHasChanged();
                    }
                });
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException && _leaving.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }
}
