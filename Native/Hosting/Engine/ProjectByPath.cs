namespace Aspire.Hosting.Engine;

internal sealed class ProjectByPath(string projectPath) : IProjectMetadata
{
    public string ProjectPath => Directory.Exists(projectPath)
        ? Directory.EnumerateFiles(projectPath, "*.csproj").SingleOrDefault() ?? projectPath
        : projectPath;
}
