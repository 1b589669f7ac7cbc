namespace Aspire.Hosting.ApplicationModel;

public class ExecutableResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    public ExecutableResource(string name, string command, string workingDirectory)
        : base(name)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        Annotations.Add(new ExecutableAnnotation { Command = command, WorkingDirectory = workingDirectory });
    }

    public string Command => Annotation.Command;

    public string WorkingDirectory => Annotation.WorkingDirectory;

    private ExecutableAnnotation Annotation => Annotations.OfType<ExecutableAnnotation>().Last();
}
