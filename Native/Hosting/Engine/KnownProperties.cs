namespace Aspire.Hosting.Engine;

/// <summary>Names of a snapshot's properties.</summary>
internal static class KnownProperties
{
    public const string ExecutablePath = "executable.path";
    public const string ExecutablePid = "executable.pid";
    public const string ExecutableWorkDir = "executable.workDir";
    public const string ExecutableArgs = "executable.args";
    public const string ProjectPath = "project.path";
    public const string ContainerImage = "container.image";
    public const string ConnectionString = "resource.connectionString";
}
