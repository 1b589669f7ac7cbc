using Tests.AppHost;
using Tests.Deploy.Aspirate;

namespace Tests.Deploy;

/// <summary>The manifest that the AppHost publishes, generated once.</summary>
public sealed class PublishedManifest : IAsyncLifetime
{
    internal AspireManifest Manifest { get; private set; } = null!;

    /// <summary>The tree that aspirate gives for it with deploy/generate.sh's settings, by path.</summary>
    internal IReadOnlyDictionary<string, string> Tree { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Manifest = AspireManifest.Parse(await AppHostProgram.PublishAsync(["--publisher", "manifest"], TestContext.Current.CancellationToken));
        var settings = AspirateSettings.Read(Path.Combine(DeployFolder.AppHost, "aspirate.json"), "chat", "IfNotPresent");
        Tree = new AspirateTree(Manifest, settings, DeployFolder.Templates).Render();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
