using System.Text.RegularExpressions;

namespace Tests.Docs;

/// <summary>Links and paths in the documents exist.</summary>
public sealed partial class DocumentationTests
{
    internal static readonly string Root = FindRoot();

    [Fact]
    public void EveryLinkedFile_Exists()
    {
        var broken = new List<string>();
        foreach (var document in Documents())
        {
            foreach (Match match in Link().Matches(File.ReadAllText(document)))
            {
                var target = match.Groups["target"].Value;
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith('#'))
                {
                    continue;
                }

                var path = Path.Combine(Path.GetDirectoryName(document)!, target.Split('#')[0]);
                if (!File.Exists(path) && !Directory.Exists(path))
                {
                    broken.Add($"{Path.GetRelativePath(Root, document)}: {target}");
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void EveryFolderNamedInCode_Exists()
    {
        var broken = new List<string>();
        foreach (var document in Documents())
        {
            foreach (Match match in CodePath().Matches(File.ReadAllText(document)))
            {
                var target = match.Groups["path"].Value;
                if (!File.Exists(Path.Combine(Root, target)) && !Directory.Exists(Path.Combine(Root, target)))
                {
                    broken.Add($"{Path.GetRelativePath(Root, document)}: {target}");
                }
            }
        }

        Assert.Empty(broken);
    }

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Root, "*.md", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules" or ".aspire"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Aspire.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No Aspire.sln above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    /// <summary>Paths in code spans that begin with one of the repository's capitalised folders or docs/, deploy/, .ci/.</summary>
    [GeneratedRegex(@"`(?<path>(AppHost|ServiceDefaults|Contracts|Dbman|Realtime|Chat|Session|Fileman|Client|Tests|Bench|docs|deploy|\.ci)/[A-Za-z0-9_./-]*)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodePath();
}
