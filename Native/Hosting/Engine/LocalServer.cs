using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>How a resource that is a container elsewhere runs as a process here.</summary>
internal abstract class LocalServer : IResourceAnnotation
{
    /// <summary>Everything up to the start: finds the binaries, creates the data folder. Called at each start.</summary>
    public abstract Task<ProcessSpec> PrepareAsync(LaunchContext context, CancellationToken cancellationToken);
}
