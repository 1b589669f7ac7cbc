using Grpc.Core;

namespace Dashboard.Engine;

/// <summary>
/// The latest of every instance, followed from the engine for all pages together. What is read is immutable: a page takes <see cref="Current"/> once per
/// rendering. Changes come at most five times a second.
/// </summary>
internal sealed class InstanceStore(EngineClient engine, TimeProvider time, ILogger<InstanceStore> logger) : BackgroundService
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>Raised on the thread that reads the stream: hand over, do not work.</summary>
    public event Action? Changed;

    /// <summary>Written by the reader of the stream only.</summary>
    public EngineView Current { get; private set; } = EngineView.Empty;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var changes in engine.WatchInstancesAsync(stoppingToken))
                {
                    Publish(Current.With(changes));
                }
            }
            catch (RpcException e) when (!stoppingToken.IsCancellationRequested)
            {
                if (Current.IsConnected)
                {
                    EngineLog.StreamBroke(logger, e.Status.Detail);
                }
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException && stoppingToken.IsCancellationRequested)
            {
                return;
            }

            Publish(Current with { IsConnected = false });
            await Task.Delay(BetweenTries, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Publish(EngineView next)
    {
        Current = next;
        Changed?.Invoke();
    }
}
