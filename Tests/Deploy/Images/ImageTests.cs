using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tests.Deploy.Images;

/// <summary>The services' images: what is in them, and what they run as.</summary>
public sealed partial class ImageTests(ImageArchives archives) : IClassFixture<ImageArchives>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("image-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Chat", "chat")]
    [InlineData("Dbman", "dbman")]
    [InlineData("Fileman", "fileman")]
    [InlineData("Layouts", "realtime")]
    [InlineData("Session", "session")]
    public async Task ImageRunsTheServiceWithoutRoot(string project, string service)
    {
        var files = await ReadAsync(archives.Archive(project));
        var manifest = JsonNode.Parse(files["manifest.json"])![0]!;
        var config = JsonNode.Parse(files[(string)manifest["Config"]!])!["config"]!;
        var layers = manifest["Layers"]!.AsArray().Select(l => (string)l!).ToList();
        Assert.Equal($"{service}:{Version()}", (string?)Assert.Single(manifest["RepoTags"]!.AsArray()));
        Assert.Equal(BaseImageRegistry.User, (string?)config["User"]);
        Assert.Equal(["dotnet", $"/app/{project}.dll"], config["Entrypoint"]!.AsArray().Select(e => (string?)e));
        Assert.Equal("8080/tcp", Assert.Single(config["ExposedPorts"]!.AsObject()).Key);
        Assert.Equal(Version(), (string?)config["Labels"]!["org.opencontainers.image.version"]);
        Assert.NotNull((string?)config["Labels"]!["org.opencontainers.image.base.digest"]);
        Assert.DoesNotContain(config["Env"]!.AsArray(), e => ((string)e!).StartsWith("DOTNET_ENVIRONMENT", StringComparison.Ordinal));

        Assert.Equal(2, layers.Count);
        var contents = Names(files[layers[^1]]);
        Assert.Contains($"app/{project}.dll", contents);
        Assert.DoesNotContain(contents, name => name.EndsWith(".Development.json", StringComparison.Ordinal) || name.Contains("launchSettings", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ScriptPushesImages_AndNamesThemByDigest_AllOnTheSameBase()
    {
        await using var registry = await BaseImageRegistry.StartAsync(Token);
        var output = Path.Combine(_folder.FullName, "kustomization.yaml");

        await RunScriptAsync(["SERVICES=Chat Session", $"OUTPUT={output}"], $"{registry.Address}/team", $"-p:ContainerBaseImage={registry.Image}");

        var images = PushedImage().Matches(await File.ReadAllTextAsync(output, Token)).ToDictionary(m => m.Groups["name"].Value, m => (Name: m.Groups["new"].Value, Digest: m.Groups["digest"].Value));
        Assert.Equal(["registry.example.com/chat/chat", "registry.example.com/chat/session"], images.Keys.Order(StringComparer.Ordinal));
        foreach (var service in (string[])["chat", "session"])
        {
            var (name, digest) = images[$"registry.example.com/chat/{service}"];
            Assert.Equal($"{registry.Address}/team/{service}", name);
            Assert.Contains($"team/{service}@{digest}", registry.Manifests);
            Assert.Contains($"team/{service}@{Version()}", registry.Manifests);
            Assert.Equal(BaseImageRegistry.User, (string?)registry.Configuration($"team/{service}", digest)["config"]!["User"]);
        }

        // The second is made of what the first has found under the base's tag.
        string? Label(string service, string label) => (string?)registry.Configuration($"team/{service}", images[$"registry.example.com/chat/{service}"].Digest)["config"]!["Labels"]![$"org.opencontainers.image.base.{label}"];
        Assert.Equal(Label("chat", "name") + "@" + Label("chat", "digest"), Label("session", "name"));

        // Rendered with what was written, both overlays run exactly what was pushed.
        if (RenderedOverlays.Kubectl is { } kubectl)
        {
            var deploy = Directory.CreateDirectory(Path.Combine(_folder.FullName, "deploy"));
            foreach (var file in Directory.EnumerateFiles(DeployFolder.Root, "*", SearchOption.AllDirectories)
                .Where(static f => Path.GetExtension(f) is ".yaml" or ".sql" && !f.Contains("node_modules", StringComparison.Ordinal)))
            {
                var copy = Path.Combine(deploy.FullName, Path.GetRelativePath(DeployFolder.Root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            File.Copy(output, Path.Combine(deploy.FullName, "components", "images", "kustomization.yaml"), overwrite: true);
            foreach (var overlay in RenderedOverlays.Names)
            {
                var rendered = Deploy.Manifests.Parse(await RenderedOverlays.RunAsync(kubectl, "kustomize", Path.Combine(deploy.FullName, "overlays", overlay)));
                Assert.Equal(
                    $"{registry.Address}/team/chat@{images["registry.example.com/chat/chat"].Digest}", rendered.Deployment("chat").Spec.Template.Spec.Containers[0].Image);
            }
        }
    }

    [Fact]
    public async Task ScriptWritesArchives_NamedAsTheManifestsNameThem()
    {
        await using var registry = await BaseImageRegistry.StartAsync(Token);

        await RunScriptAsync(["SERVICES=Dbman"], "--archive", Path.Combine(_folder.FullName, "archives"), $"-p:ContainerBaseImage={registry.Image}");

        var files = await ReadAsync(Path.Combine(_folder.FullName, "archives", "dbman.tar"));
        var manifest = JsonNode.Parse(files["manifest.json"])![0]!;
        var named = await File.ReadAllTextAsync(Path.Combine(DeployFolder.Tree, "dbman", "deployment.yaml"), Token);
        Assert.Contains($"image: {(string?)Assert.Single(manifest["RepoTags"]!.AsArray())}\n", named, StringComparison.Ordinal);
        Assert.Contains("app/sbom.cdx.json", Names(files[(string)manifest["Layers"]!.AsArray()[^1]!]));
    }

    [Fact]
    public async Task ListOfPackagesIsTheLockedOne()
    {
        await RenderedOverlays.RunAsync("/usr/bin/env", "SERVICES=Dbman", "bash", "sbom.sh", _folder.FullName);

        var sbom = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "dbman.cdx.json"), Token))!;
        Assert.Equal("CycloneDX", (string?)sbom["bomFormat"]);
        Assert.Equal(("dbman", Version()), ((string?)sbom["metadata"]!["component"]!["name"], (string?)sbom["metadata"]!["component"]!["version"]));
        var listed = sbom["components"]!.AsArray().ToDictionary(static c => (string)c!["name"]!, static c => (string)c!["version"]!, StringComparer.OrdinalIgnoreCase);
        var locked = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(ProjectFile("Dbman"))!, "packages.lock.json"), Token))!["dependencies"]!["net10.0"]!.AsObject();
        Assert.Contains("Npgsql", listed.Keys);
        Assert.All(listed, package => Assert.Equal((string?)locked.First(l => string.Equals(l.Key, package.Key, StringComparison.OrdinalIgnoreCase)).Value!["resolved"], package.Value));
        Assert.DoesNotContain("Meziantou.Analyzer", listed.Keys);
    }

    [Fact]
    public async Task BaseImageIsChiseled_AndTheTagIsTheOneThatIsDeployed()
    {
        var properties = JsonNode.Parse(await RenderedOverlays.RunAsync(
            "dotnet", "msbuild", ProjectFile("Chat"), "-nodeReuse:false", "-target:ComputeContainerBaseImage", "-getProperty:ContainerBaseImage", "-getProperty:ContainerImageTag"))!["Properties"]!;

        Assert.Equal("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", (string?)properties["ContainerBaseImage"]);
        Assert.Equal(Version(), (string?)properties["ContainerImageTag"]);
    }

    /// <summary>deploy/images.sh with what this test was built with.</summary>
    private static Task<string> RunScriptAsync(string[] environment, params string[] arguments) => RenderedOverlays.RunAsync(
        "/usr/bin/env",
        [.. environment, "bash", "images.sh", .. arguments, "--no-build", "--configuration", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "-nodeReuse:false", "-maxCpuCount:1"]);

    /// <summary>What aspirate puts into the manifests.</summary>
    private static string Version() => Aspirate.AspirateSettings.Read(Path.Combine(DeployFolder.AppHost, "aspirate.json"), "chat", "IfNotPresent").Tag;

    internal static string ProjectFile(string project) => Path.GetFullPath(Path.Combine(DeployFolder.AppHost, "..", project, $"{project}.csproj"));

    private static async Task<Dictionary<string, byte[]>> ReadAsync(string archive)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await using var stream = File.OpenRead(archive);
        await using var reader = new TarReader(stream);
        while (await reader.GetNextEntryAsync(cancellationToken: Token) is { } entry)
        {
            if (entry.DataStream is { } data)
            {
                using var copy = new MemoryStream();
                await data.CopyToAsync(copy, Token);
                files[entry.Name] = copy.ToArray();
            }
        }

        return files;
    }

    private static List<string> Names(byte[] layer)
    {
        using var gzip = new GZipStream(new MemoryStream(layer), CompressionMode.Decompress);
        using var reader = new TarReader(gzip);
        var names = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
        }

        return names;
    }

    [GeneratedRegex(@"- name: (?<name>\S+)\n    newName: (?<new>\S+)\n    digest: (?<digest>sha256:[0-9a-f]{64})\n", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex PushedImage();
}
