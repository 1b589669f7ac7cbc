namespace Tests.Deploy;

/// <summary>deploy/k8s is what aspirate generates from the AppHost and deploy/aspirate, also where aspirate itself cannot run.</summary>
public sealed class TreeTests(PublishedManifest published) : IClassFixture<PublishedManifest>
{
    /// <summary>Set it to write the tree instead of comparing: what deploy/generate.sh does, without aspirate.</summary>
    private const string Write = "WRITE_K8S";

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
    public void NoReferenceIsLeft() =>
        Assert.DoesNotContain(published.Tree.Values, text => text.Contains("{{", StringComparison.Ordinal) || text.Contains(".bindings.", StringComparison.Ordinal));

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
}
