using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

public class DistributedApplicationResourceEventSubscription(
    IResource? resource, Func<IDistributedApplicationResourceEvent, CancellationToken, Task> callback)
    : DistributedApplicationEventSubscription((@event, token) => callback((IDistributedApplicationResourceEvent)@event, token))
{
    public IResource? Resource { get; } = resource;
}
