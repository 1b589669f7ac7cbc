using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Drain;

/// <summary>
/// Holds the host's shutdown back while balancers notice. The host calls every StoppingAsync before the first StopAsync, and
/// Kestrel is stopped by a StopAsync: so as long as this waits, requests are served as usual.
/// </summary>
internal sealed class DrainService(
    DrainState state,
    IOptions<DrainOptions> options,
    IEnumerable<IDrainParticipant> participants,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DrainService> logger) : IHostedLifecycleService, IDisposable
{
    private CancellationTokenRegistration _signal;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The signal comes first here; StoppingAsync only after the code that runs the host has resumed.
        _signal = lifetime.ApplicationStopping.Register(static state => ((DrainState)state!).BeginDraining(), state);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (state.IsStopping)
        {
            // Stopped twice: by the signal, and when the host is disposed.
            return;
        }

        var delay = options.Value.Delay;
        state.BeginDraining();
        logger.Draining(delay, options.Value.Timeout);
        try
        {
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, time, cancellationToken);
            }

            state.BeginStopping();
            await Task.WhenAll(participants.Select(participant => DrainAsync(participant, cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            logger.OutOfTime();
        }
        finally
        {
            state.BeginStopping();
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        logger.Stopped();
        return Task.CompletedTask;
    }

    public void Dispose() => _signal.Dispose();

    private async Task DrainAsync(IDrainParticipant participant, CancellationToken cancellationToken)
    {
        try
        {
            // Off this thread: a participant that blocks must not hold up the others.
            await Task.Run(() => participant.DrainAsync(cancellationToken), cancellationToken).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One part that fails to say goodbye must not keep the others from it.
            logger.ParticipantFailed(participant.GetType().Name, exception);
        }
    }
}
