using Microsoft.Extensions.Options;

namespace Realtime.Publish;

/// <summary>Bounds publish calls in flight: when the broker is slow, callers are refused at once rather than queued.</summary>
internal sealed class PublishGate(IOptions<PublishOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxInFlight);

    public bool TryEnter() => _slots.Wait(0);

    public void Leave() => _slots.Release();

    public void Dispose() => _slots.Dispose();
}
