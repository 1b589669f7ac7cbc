using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public interface IProjectMetadata : IResourceAnnotation
{
    string ProjectPath { get; }

    LaunchSettings? LaunchSettings => null;

    bool SuppressBuild => false;

    bool IsFileBasedApp => false;
}
