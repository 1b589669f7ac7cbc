using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ExecutableResourceBuilderExtensions
{
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddExecutable(name, command, workingDirectory, (object[]?)args);

    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params object[]? args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var folder = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, workingDirectory));
        return builder.AddResource(new ExecutableResource(name, command, folder)).WithArgs(context =>
        {
            foreach (var arg in args ?? [])
            {
                context.Args.Add(arg);
            }
        });
    }

    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string command)
        where T : ExecutableResource
    {
        builder.Resource.Annotations.OfType<ExecutableAnnotation>().Last().Command = command;
        return builder;
    }

    public static IResourceBuilder<T> WithWorkingDirectory<T>(this IResourceBuilder<T> builder, string workingDirectory)
        where T : ExecutableResource
    {
        builder.Resource.Annotations.OfType<ExecutableAnnotation>().Last().WorkingDirectory =
            Path.GetFullPath(Path.Combine(builder.ApplicationBuilder.AppHostDirectory, workingDirectory));
        return builder;
    }
}
