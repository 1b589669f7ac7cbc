namespace Session.Keys;

/// <summary>Reads the keys periodically, which also creates the next one when it is due.</summary>
internal sealed class KeyRotation(KeyRing ring, TimeProvider time, ILogger<KeyRotation> logger) : BackgroundService
{
    /// <summary>
    /// How often the stored keys are read: far below <see cref="KeySchedule.PublishAhead"/>, within which a replica must see a new one.
    /// </summary>
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = KeyRing.RetryInterval;
            try
            {
                if (await ring.RefreshAsync(stoppingToken) is null)
                {
                    wait = RefreshInterval;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // A bug here must not end the rotation for the rest of the process's life.
                logger.RotationFailed(exception);
            }

            // Jitter: replicas that started together should not keep polling together.
            await Task.Delay(wait * (0.8 + (Random.Shared.NextDouble() * 0.4)), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
