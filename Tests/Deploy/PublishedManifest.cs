using System.Diagnostics;
using Tests.Deploy.Aspirate;
using Tests.Native;

namespace Tests.Deploy;

/// <summary>The manifest that the AppHost publishes, asked for once.</summary>
public sealed class PublishedManifest : IAsyncLifetime
{
    internal AspireManifest Manifest { get; private set; } = null!;

    /// <summary>The tree that aspirate gives for it with deploy/generate.sh's settings, by path.</summary>
    internal IReadOnlyDictionary<string, string> Tree { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("deploy-test-");
        try
        {
            var path = Path.Combine(folder.FullName, "manifest.json");
            var appHost = AppHostProcess.Output(Path.Combine(DeployFolder.AppHost, "AppHost.csproj"));
            using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", appHost, "--publisher", "manifest", "--output-path", path])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                WorkingDirectory = DeployFolder.AppHost,
            })!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output);
            Manifest = AspireManifest.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        var settings = AspirateSettings.Read(Path.Combine(DeployFolder.AppHost, "aspirate.json"), "chat", "IfNotPresent");
        Tree = new AspirateTree(Manifest, settings, DeployFolder.Templates).Render();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
