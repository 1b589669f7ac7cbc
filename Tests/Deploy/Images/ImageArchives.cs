using System.Xml.Linq;

namespace Tests.Deploy.Images;

/// <summary>
/// The services' images as archives, on a base image of our own: the real base cannot be pulled everywhere. One MSBuild makes all of them, as most of
/// what one costs is MSBuild's own start.
/// </summary>
public sealed class ImageArchives : IAsyncLifetime
{
    private static readonly string[] Projects = ["Chat", "Dbman", "Fileman", "Layouts", "Session"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("image-archives-");

    public async ValueTask InitializeAsync()
    {
        await using var registry = await BaseImageRegistry.StartAsync(TestContext.Current.CancellationToken);
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var file = Path.Combine(_folder.FullName, "images.proj");

        // What `dotnet publish --no-build -target:PublishContainer` does with each. The build output of the tests is reused; the files go to separate
        // folders, as others run the services from theirs.
        new XElement(
            "Project",
            new XElement("ItemGroup", Projects.Select(project => new XElement(
                "Service",
                new XAttribute("Include", ImageTests.ProjectFile(project)),
                new XAttribute("AdditionalProperties", $"PublishDir={Path.Combine(_folder.FullName, project)}/;ContainerArchiveOutputPath={Archive(project)}")))),
            new XElement("Target", new XAttribute("Name", "Images"), new XElement(
                "MSBuild",
                new XAttribute("Projects", "@(Service)"),
                new XAttribute("Targets", "Publish;PublishContainer"),
                new XAttribute("Properties", $"NoBuild=true;_IsPublishing=true;Configuration={configuration};ContainerBaseImage={registry.Image}")))).Save(file);
        await RenderedOverlays.RunAsync("dotnet", "msbuild", file, "-nologo", "-nodeReuse:false", "-maxCpuCount:1");
    }

    /// <summary>The archive of a service's project.</summary>
    public string Archive(string project) => Path.Combine(_folder.FullName, $"{project}.tar");

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
