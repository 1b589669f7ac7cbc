using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>What is known about an instance that is about to start.</summary>
internal sealed record LaunchContext(
    IResource Resource,
    RunFolder Folder,
    string AppHostDirectory,
    IReadOnlyDictionary<EndpointAnnotation, int> Ports,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    ILogger Logger)
{
    public int PortOf(string endpointName) => Ports.Single(p => p.Key.Name == endpointName).Value;
}
