using System.Diagnostics;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Tests.Client.JavaScript;

/// <summary>
/// Runs test files of the JavaScript SDK and of the page by Node's own test runner and reports which of their tests failed. Where there is no Node,
/// or an old one, a test is skipped and says so; in CI it fails.
/// </summary>
internal static class NodeRun
{
    private const int LeastVersion = 20;

    /// <summary>Far longer than a busy machine needs; a test that hangs is ended earlier, by name.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private const string TestLimit = "--test-timeout=120000";

    private static readonly Lazy<Task<string?>> Version = new(ReadVersionAsync);

    /// <summary>Where the repository is.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Where the SDK is.</summary>
    public static string Folder { get; } = Path.Combine(Root, "Client", "JavaScript");

    /// <summary>Names of the test files in a folder of the SDK, or in one that is named by its whole path.</summary>
    public static IEnumerable<string> TestFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.test.js").Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>Fails with the name and the error of every test in the file that failed.</summary>
    /// <param name="file">Path below <see cref="Folder"/>, or a whole path.</param>
    /// <param name="environment">Variables for the tests.</param>
    public static async Task AssertPassesAsync(string file, IReadOnlyDictionary<string, string>? environment = null)
    {
        await SkipWithoutNodeAsync();
        var (exitCode, output, errors) = await RunAsync(
            ["--test", "--test-reporter=junit", "--test-reporter-destination=stdout", TestLimit, Path.Combine(Folder, file)], environment, TestContext.Current.CancellationToken);
        var (names, failures) = Read(output, errors);
        Assert.True(failures.Count == 0, $"{failures.Count} of {names.Count} tests of {file} failed:\n\n{string.Join("\n\n", failures)}");
        Assert.True(exitCode == 0 && names.Count > 0, $"Node ended with {exitCode} after {names.Count} tests of {file}.\n{output}\n{errors}");
    }

    private static (List<string> Names, List<string> Failures) Read(string output, string errors)
    {
        try
        {
            // What an error says may be anything; XML cannot carry every character.
            var report = string.Concat(output.Select(static character => XmlConvert.IsXmlChar(character) || char.IsSurrogate(character) ? character : '\uFFFD'));
            var cases = XDocument.Parse(report).Descendants("testcase").ToList();
            return (
                [.. cases.Select(static test => (string?)test.Attribute("name") ?? "")],
                [.. cases.Where(static test => test.Element("failure") is not null).Select(static test => $"{(string?)test.Attribute("name")}\n{test.Element("failure")!.Value.Trim()}")]);
        }
        catch (XmlException exception)
        {
            throw new InvalidOperationException($"Node's report cannot be read.\n{output}\n{errors}", exception);
        }
    }

    private static async Task SkipWithoutNodeAsync()
    {
        var version = await Version.Value;
        if (version is null || !int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < LeastVersion)
        {
            var reason = $"The JavaScript SDK and the page are tested by Node {LeastVersion} or later, and " + (version is null ? "there is no node on PATH." : $"node on PATH is {version}.");
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null or "", reason);
            Assert.Fail(reason);
        }
    }

    private static async Task<string?> ReadVersionAsync()
    {
        try
        {
            return (await RunAsync(["--version"], environment: null, CancellationToken.None)).Output.Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no Node: the caller skips or fails.
            return null;
        }
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string[] arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

        // A Node that is started by a Node's test runner would report to that one.
        start.Environment.Remove("NODE_TEST_CONTEXT");
        start.Environment.Remove("NODE_OPTIONS");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException exception)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"node {string.Join(' ', arguments)} did not end.\n{await output}\n{await errors}", exception);
        }

        return (process.ExitCode, await output, await errors);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Aspire.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No Aspire.sln above {AppContext.BaseDirectory}.");
    }
}
