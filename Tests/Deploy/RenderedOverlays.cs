using System.Globalization;
using System.Text.RegularExpressions;
using AppHost.Stores;

namespace Tests.Deploy;

/// <summary>What <c>kubectl kustomize</c> makes of every overlay, once.</summary>
public sealed partial class RenderedOverlays : IAsyncLifetime
{
    /// <summary>The first that carries kustomize 5, with its components and patches by label.</summary>
    private const int Oldest = 27;

    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    private string? _missing;

    /// <summary>Every folder under deploy/overlays.</summary>
    public static IEnumerable<string> Names =>
        Directory.EnumerateDirectories(Path.Combine(DeployFolder.Root, "overlays")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        if (Kubectl is null)
        {
            _missing = "kubectl is not installed (Debian: kubernetes-client).";
        }
        else if (Minor().Match(await RunAsync(Kubectl, "version", "--client", "--output=json")).Groups["minor"].Value is var minor
            && !(int.TryParse(minor, CultureInfo.InvariantCulture, out var number) && number >= Oldest))
        {
            _missing = $"kubectl is 1.{minor}; its kustomize knows the overlays' features from 1.{Oldest} on.";
        }

        if (_missing is not null)
        {
            Assert.True(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), _missing);
            return;
        }

        foreach (var name in Names)
        {
            _texts[name] = await RunAsync(Kubectl!, "kustomize", Path.Combine(DeployFolder.Root, "overlays", name));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static string? Kubectl => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);

    /// <summary>Parsed again at each call, so that a test may change it.</summary>
    internal Manifests Parse(string overlay) => Manifests.Parse(Text(overlay));

    internal string Text(string overlay)
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return _texts[overlay];
    }

    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await Tool.TryRunAsync([program, .. arguments], ToolLimit, TestContext.Current.CancellationToken, folder: DeployFolder.Root);
        Assert.True(result is { ExitCode: 0 }, $"{program} {string.Join(' ', arguments)}: {result?.Errors}");
        return result!.Output;
    }

    [GeneratedRegex(@"""gitVersion"": ""v1\.(?<minor>\d+)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Minor();
}
