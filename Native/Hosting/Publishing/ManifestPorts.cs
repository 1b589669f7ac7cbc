using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>
/// The ports of bindings: explicit ones as they are; a project's first http and https binding without any, because whoever deploys chooses them;
/// everything else gets a number from 8000 on.
/// </summary>
internal sealed class ManifestPorts
{
    private readonly HashSet<int> _used = [];
    private int _next = 8_000;

    public IReadOnlyList<(EndpointAnnotation Endpoint, int? Port, int? TargetPort)> Resolve(IResource resource)
    {
        var result = new List<(EndpointAnnotation, int?, int?)>();
        var schemes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var port = endpoint.Port is 0 ? null : endpoint.Port;
            var isHttp = endpoint.UriScheme is "http" or "https";
            var isFirst = resource is ProjectResource && isHttp && schemes.Add(endpoint.UriScheme);
            var target = (endpoint.TargetPort is 0 ? null : endpoint.TargetPort)
                ?? (resource is ContainerResource ? port : null)
                ?? (isFirst ? null : Allocate());
            Use(port);
            Use(target);

            // Without a port of its own the binding is exposed on its target port, which says nothing new.
            result.Add((endpoint, port ?? (target is null && !isHttp ? Allocate() : null), target));
        }

        return result;
    }

    private int Allocate()
    {
        while (!_used.Add(_next))
        {
            _next++;
        }

        return _next;
    }

    private void Use(int? port)
    {
        if (port is { } used)
        {
            _used.Add(used);
        }
    }
}
