namespace Tests.Deploy;

/// <summary>Where the deployment's files are.</summary>
internal static class DeployFolder
{
    public static string AppHost => Path.GetFullPath(Projects.AppHost.ProjectPath);

    public static string Root => Path.GetFullPath(Path.Combine(AppHost, "..", "deploy"));

    public static string Templates => Path.Combine(Root, "aspirate");

    public static string Tree => Path.Combine(Root, "k8s");
}
