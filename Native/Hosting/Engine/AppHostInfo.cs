using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Engine;

/// <summary>What the build recorded about an AppHost, in its assembly's metadata.</summary>
internal sealed record AppHostInfo(Assembly? Assembly, string Directory)
{
    private const string ProjectPathKey = "apphostprojectpath";
    private const string OutputPrefix = "aspirenativeoutput:";

    public string Sha256 => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Directory)));

    public string Name => Assembly?.GetName().Name ?? "AppHost";

    public IReadOnlyDictionary<string, string> ProjectOutputs => Metadata(Assembly)
        .Where(m => m.Key.StartsWith(OutputPrefix, StringComparison.Ordinal))
        .ToDictionary(m => m.Key[OutputPrefix.Length..], m => m.Value ?? string.Empty, StringComparer.Ordinal);

    public static AppHostInfo Of(DistributedApplicationOptions options, Assembly? entry)
    {
        var assembly = options.AssemblyName is { } name ? Assembly.Load(new AssemblyName(name)) : entry;
        var recorded = Metadata(assembly).FirstOrDefault(m => m.Key == ProjectPathKey)?.Value;
        var directory = options.ProjectDirectory ?? (System.IO.Directory.Exists(recorded) ? recorded : Environment.CurrentDirectory);
        return new AppHostInfo(assembly, Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
    }

    private static IEnumerable<AssemblyMetadataAttribute> Metadata(Assembly? assembly) => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>() ?? [];
}
