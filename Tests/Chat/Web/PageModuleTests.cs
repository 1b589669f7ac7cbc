using System.Security.Cryptography;
using Tests.Client.JavaScript;

namespace Tests.Chat.Web;

/// <summary>The page's modules by themselves, without a browser: what they make of text, and how long they take.</summary>
public sealed class PageModuleTests
{
    private static readonly string Folder = Path.Combine(NodeRun.Root, "Tests", "Chat", "Web", "Page");

    private static readonly string Web = Path.Combine(NodeRun.Root, "Chat", "Web");

    public static TheoryData<string> Files => [.. NodeRun.TestFiles(Folder)];

    [Theory]
    [MemberData(nameof(Files))]
    public Task EveryTestPasses(string file) => NodeRun.AssertPassesAsync(Path.Combine(Folder, file));

    /// <summary>Nobody edits them by hand: Chat/Web/vendor.sh writes them from packages whose contents it knows, and their sums beside them.</summary>
    [Fact]
    public async Task VendoredFilesAreAsTheyWereWritten()
    {
        var listed = await File.ReadAllLinesAsync(Path.Combine(Web, "vendor.sha256"), TestContext.Current.CancellationToken);
        var found = Directory.EnumerateFiles(Path.Combine(Web, "Page", "vendor"))
            .Order(StringComparer.Ordinal)
            .Select(static path => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}  {Path.GetFileName(path)}");

        Assert.Equal(found, listed);
    }
}
