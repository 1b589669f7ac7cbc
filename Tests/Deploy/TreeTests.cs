using System.Text.RegularExpressions;

namespace Tests.Deploy;

/// <summary>deploy/k8s is what aspirate generates from the AppHost and deploy/aspirate, also where aspirate itself cannot run.</summary>
public sealed partial class TreeTests(PublishedManifest published) : IClassFixture<PublishedManifest>
{
    /// <summary>Set it to write the tree instead of comparing: what deploy/generate.sh does, without aspirate.</summary>
    private const string Write = "WRITE_K8S";

    /// <summary>What <c>aspirate generate --help</c> of the pinned version lists.</summary>
    private static readonly string[] Options =
    [
        "--non-interactive", "--disable-secrets", "--disable-state", "--launch-profile", "--project-path", "--aspire-manifest", "--output-path", "--skip-build", "--skip-final-kustomize-generation",
        "--container-builder", "--container-build-context", "--container-image-tag", "--container-build-arg", "--prefer-dockerfile", "--container-registry", "--container-repository-prefix", "--image-pull-policy",
        "--namespace", "--output-format", "--runtime-identifier", "--secret-password", "--private-registry", "--include-dashboard", "--compose-build", "--replace-secrets", "--parameter",
    ];

    [Fact]
    public void CommittedTreeIsTheGeneratedOne()
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Write)))
        {
            WriteTree();
        }

        var committed = Directory.EnumerateFiles(DeployFolder.Tree, "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(DeployFolder.Tree, path).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal);

        Assert.Equal([], TreeDifference.Between(published.Tree, committed));
    }

    [Fact]
    public void NoReferenceIsLeft() => Assert.DoesNotContain(published.Tree.Values, Reference().IsMatch);

    [Theory]
    [InlineData("A={{{env.B}}}")]
    [InlineData("A={redis-password-uri-encoded.value}")]
    [InlineData("A={chat.bindings.http.url}")]
    public void ReferenceThatIsLeftIsNoticed(string text) => Assert.Matches(Reference(), text);

    /// <summary>On an unknown option aspirate prints its help, and exits with 0.</summary>
    [Fact]
    public void ScriptUsesOptionsThatAspirateHas()
    {
        var script = File.ReadAllText(Path.Combine(DeployFolder.Root, "generate.sh"));
        var options = Option().Matches(script[script.IndexOf("\"$aspirate\" generate", StringComparison.Ordinal)..script.IndexOf("== check", StringComparison.Ordinal)]).Select(static m => m.Value).ToList();

        Assert.True(options.Count > 8);
        Assert.Equal([], options.Except(Options, StringComparer.Ordinal));
    }

    [Fact]
    public void NoSecretIsWritten_ThoughAspirateIsToldToDisableSecrets() =>
        Assert.DoesNotContain(published.Tree.Values, text =>
            text.Contains("ConnectionStrings__", StringComparison.Ordinal) || text.Contains("generated", StringComparison.Ordinal));

    [Theory]
    [InlineData("a\nb\n", "a\nc\n", "x.yaml:2: 'b' generated, 'c' committed")]
    [InlineData("a\n", "a\nb\n", "x.yaml:2: '' generated, 'b' committed")]
    [InlineData("a\n", null, "x.yaml: generated, not committed")]
    [InlineData(null, "a\n", "x.yaml: committed, not generated")]
    public void DriftNamesTheFileAndTheFirstLine(string? generated, string? committed, string expected) =>
        Assert.Equal([expected], TreeDifference.Between(Files(generated), Files(committed)));

    private static Dictionary<string, string> Files(string? text) => text is null ? [] : new() { ["x.yaml"] = text };

    private void WriteTree()
    {
        foreach (var (path, text) in published.Tree)
        {
            var file = Path.Combine(DeployFolder.Tree, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    /// <summary>aspirate leaves what it does not understand as it is.</summary>
    [GeneratedRegex(@"\{\{|\{[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Reference();

    [GeneratedRegex("--[a-z-]+", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Option();
}
