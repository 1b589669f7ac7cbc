using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>How a project is run: its built output, directly, because building belongs to the build.</summary>
internal static class ProjectLaunch
{
    public static ProcessSpec Spec(ProjectResource project, LaunchContext context, EngineOptions options)
    {
        var file = project.GetProjectMetadata().ProjectPath;
        var output = OutputOf(file, options) ?? throw new DistributedApplicationException(
            $"The output of {file} was not found. Build it first: dotnet build {file}");
        return new ProcessSpec(DotNet.Command, ["exec", output, .. context.Arguments], Path.GetDirectoryName(file)!)
        {
            Environment = context.Environment,
            StopGroup = false,
            DisplayPath = output,
        };
    }

    private static string? OutputOf(string file, EngineOptions options)
    {
        if (options.ProjectOutputs.TryGetValue(file, out var recorded))
        {
            return File.Exists(recorded) ? recorded : null;
        }

        // A project that the build did not record, named by its path: the usual places, this program's own configuration first.
        var name = Path.GetFileNameWithoutExtension(file);
        var own = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "/Release/" : "/Debug/";
        var folder = Path.Combine(Path.GetDirectoryName(file)!, "bin");
        return !Directory.Exists(folder)
            ? null
            : Directory.EnumerateFiles(folder, $"{name}.runtimeconfig.json", SearchOption.AllDirectories)
                .Select(f => Path.Combine(Path.GetDirectoryName(f)!, $"{name}.dll"))
                .Where(f => File.Exists(f) && !f.Contains("/publish/", StringComparison.Ordinal))
                .OrderByDescending(f => f.Contains(own, StringComparison.Ordinal))
                .ThenByDescending(File.GetLastWriteTimeUtc)
                .FirstOrDefault();
    }
}
