using StackExchange.Redis;

namespace Realtime.Channels;

/// <summary>
/// Closes the connections to Redis when everything else has stopped. The container would do it too, but asks every subscribed connection to quit and
/// waits 5 s for an answer that a subscribed connection does not give.
/// </summary>
internal sealed class BrokerClose(IConnectionMultiplexer connection) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => connection.CloseAsync(allowCommandsToComplete: false).WaitAsync(cancellationToken);
}
