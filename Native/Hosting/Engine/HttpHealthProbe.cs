using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>How the engine asks one instance whether it is well.</summary>
internal sealed record HttpHealthProbe(string Key, string EndpointName, string Path, int StatusCode) : IResourceAnnotation;
