using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>Gives every endpoint its public port, and every instance the port it listens on.</summary>
internal static class EndpointAllocation
{
    /// <summary>Whether a balancer stands before the instances: only where one address has, or may come, to stand for several processes.</summary>
    public static bool IsBalanced(IResource resource, EndpointAnnotation endpoint) =>
        endpoint is { IsProxied: true, UriScheme: "http" or "https" } && resource is ProjectResource
        && (resource.GetReplicaCount() > 1 || resource.HasAnnotationOfType<ScalableAnnotation>());

    /// <summary>A project each of whose addresses a balancer can stand for.</summary>
    public static bool CanBeScaled(IResource resource) => resource is ProjectResource
        && resource.Annotations.OfType<EndpointAnnotation>().All(e => e is { IsProxied: true, UriScheme: "http" });

    public static void AllocatePublicPorts(IEnumerable<IResource> resources, bool randomize)
    {
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                var wanted = randomize && endpoint.IsProxied ? null : endpoint.Port;
                var port = wanted is null or 0 ? Ports.Allocate() : wanted.Value;
                if (wanted is > 0 && !Ports.IsFree(port))
                {
                    throw new DistributedApplicationException(
                        $"Port {port}, which '{resource.Name}' is to listen on, is in use. Stop what listens there "
                        + $"(to see it: ss -ltnp 'sport = :{port}'), or change the port in the project's launchSettings.json.");
                }

                endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port);
            }
        }
    }

    public static IReadOnlyDictionary<EndpointAnnotation, int> PortsOfInstance(IResource resource) =>
        resource.Annotations.OfType<EndpointAnnotation>().ToDictionary(
            e => e,
            e => IsBalanced(resource, e) ? Ports.Allocate() : e.AllocatedEndpoint!.Port);
}
