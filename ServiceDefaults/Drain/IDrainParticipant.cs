namespace ServiceDefaults.Drain;

/// <summary>
/// Work that must end after the balancer has stopped routing here and before the server stops: Realtime moves its sockets here.
/// Register as a singleton; all participants run together, within <see cref="DrainOptions.Timeout"/>.
/// </summary>
public interface IDrainParticipant
{
    /// <summary>Finishes the work; returns early when <paramref name="cancellationToken"/> says that time is up.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
