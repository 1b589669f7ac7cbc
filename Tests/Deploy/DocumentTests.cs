using System.Text.RegularExpressions;
using k8s.Models;
using Tests.Deploy.Rules;

namespace Tests.Deploy;

/// <summary>The commands of docs/deploy.md name files and objects that exist.</summary>
public sealed partial class DocumentTests(RenderedOverlays overlays) : IClassFixture<RenderedOverlays>
{
    private static string Root => Path.GetDirectoryName(DeployFolder.Root)!;

    private static string Commands => string.Concat(Fence().Matches(File.ReadAllText(Path.Combine(Root, "docs", "deploy.md"))).Select(static m => m.Groups["text"].Value));

    [Fact]
    public void EveryFileOfACommandIsThere_AndScriptsRun()
    {
        var files = NamedFile().Matches(Commands).Select(static m => m.Value).Distinct(StringComparer.Ordinal).ToList();

        Assert.True(files.Count > 8);
        Assert.All(files, static file =>
        {
            var path = Path.Combine(Root, file);
            Assert.True(File.Exists(path) || Directory.Exists(path), file);
            Assert.True(OperatingSystem.IsWindows() || !file.EndsWith(".sh", StringComparison.Ordinal) || File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute), file);
        });
    }

    /// <summary>The text that readers copy.</summary>
    [Fact]
    public void EveryConnectionThatIsShownChecksWhoAnswers()
    {
        var folders = (string[])[Path.Combine(Root, "docs"), Path.Combine(DeployFolder.Root, "overlays", "production")];
        var lines = folders.SelectMany(static folder => Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories))
            .Where(static file => file.EndsWith(".md", StringComparison.Ordinal) || file.EndsWith(".yaml", StringComparison.Ordinal))
            .SelectMany(File.ReadLines)
            .ToList();
        var databases = lines.Where(static line => line.Contains("DATABASE=", StringComparison.Ordinal) && line.Contains("Host=", StringComparison.Ordinal)).ToList();
        var redis = lines.Where(static line => line.Contains("REDIS=", StringComparison.Ordinal) && line.Contains(":6379", StringComparison.Ordinal)).ToList();

        Assert.Equal((2, 1), (databases.Count, redis.Count));
        Assert.All(databases, static line => Assert.Contains("SSL Mode=VerifyFull", line, StringComparison.Ordinal));
        Assert.All(redis, static line => Assert.Contains("ssl=true", line, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryObjectOfACommandIsThere()
    {
        var trial = overlays.Parse("trial");
        var objects = NamedObject().Matches(Commands).Select(static m => (Kind: m.Groups["kind"].Value, Name: m.Groups["name"].Value)).Distinct().ToList();

        Assert.True(objects.Count > 6);
        Assert.All(objects, named => Assert.Contains(named.Name, named.Kind switch
        {
            "deployment" => trial.Deployments.Select(static d => d.Name()),
            "job" => trial.Documents.OfType<V1Job>().Select(static j => j.Name()),
            _ => Examples().Documents.OfType<V1Pod>().Select(static p => p.Name()),
        }));
        Assert.Contains("exec postgres-0 ", Commands, StringComparison.Ordinal);
        Assert.Contains(trial.StatefulSets, static s => s.Name() == "postgres");
    }

    [Fact]
    public void ShellBesideTheFilesMayRun_AndFindsTheDisk()
    {
        var trial = overlays.Parse("trial");
        var examples = Examples();
        var pod = Assert.Single(examples.Documents.OfType<V1Pod>());
        var disk = trial.Deployment("fileman").Spec.Template.Spec.Volumes.Select(static v => v.PersistentVolumeClaim?.ClaimName).OfType<string>();

        Assert.Equal(disk, pod.Spec.Volumes.Select(static v => v.PersistentVolumeClaim?.ClaimName));
        Assert.Equal(trial.Deployment("fileman").Spec.Template.Spec.SecurityContext.RunAsUser, pod.Spec.SecurityContext.RunAsUser);
        Assert.Contains(trial.StatefulSets, s => s.Spec.Template.Spec.Containers[0].Image == pod.Spec.Containers[0].Image);
        Assert.Equal([], ((string[])["security", "resources", "images", "secrets"]).SelectMany(rule => Rule.Named(rule).Objections(examples)));
    }

    private static Manifests Examples() => Manifests.Parse(File.ReadAllText(Path.Combine(DeployFolder.Root, "overlays", "trial", "examples", "files.yaml")));

    [GeneratedRegex(@"^ *```(sh|yaml)\n(?<text>.*?)^ *```$", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, 1_000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?<![\w/.-])deploy/[\w./-]*\w", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"(?<![\w/.-])(?<kind>deployment|job|pod)/(?<name>[a-z][a-z-]*)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex NamedObject();
}
