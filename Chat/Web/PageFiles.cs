using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace Chat.Web;

/// <summary>
/// The page's modules, styles and icons, and the JavaScript SDK, all from this assembly: so they are there however the service is started or published, and no request ever
/// names a path on a disk. Their version is a hash of all of them; URLs with that version may be cached without expiry.
/// </summary>
internal sealed class PageFiles
{
    /// <summary>Prefix of the page's own files in the assembly.</summary>
    private const string Page = "page/";

    /// <summary>Prefix of the SDK's files in the assembly.</summary>
    public const string Sdk = "sdk/";

    private const string Index = Page + "index.html";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenDictionary<string, PageFile> _files;

    public PageFiles()
    {
        var assembly = typeof(PageFiles).Assembly;
        var sources = assembly.GetManifestResourceNames()
            .Select(static name => name.Replace('\\', '/'))
            .Where(static name => name.StartsWith(Page, StringComparison.Ordinal) || name.StartsWith(Sdk, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToDictionary(static name => name, name => Read(assembly, name), StringComparer.Ordinal);
        Version = VersionOf(sources);

        // A copy of the SDK beneath the page, so that one version covers all that the page imports.
        var addressed = sources.ToDictionary(
            static source => source.Key.StartsWith(Page, StringComparison.Ordinal) ? source.Key[Page.Length..] : source.Key, static source => source.Value, StringComparer.Ordinal);
        addressed.Remove("index.html");
        _files = addressed.ToFrozenDictionary(static file => file.Key, static file => new PageFile(TypeOf(file.Key), file.Value), StringComparer.Ordinal);
        Start = new PageFile(TypeOf(Index), Encoding.UTF8.GetBytes(Complete(Encoding.UTF8.GetString(sources[Index]), addressed.Keys)));
    }

    /// <summary>Names the contents of all files together.</summary>
    public string Version { get; }

    /// <summary>The document at the root.</summary>
    public PageFile Start { get; }

    /// <summary>Names of all files, such as <c>main.js</c> and <c>sdk/realtime.js</c>.</summary>
    public IReadOnlyCollection<string> Names => _files.Keys;

    public PageFile? Find(string name) => _files.GetValueOrDefault(name);

    /// <summary>Puts the version into the addresses, and names every module, so that the browser need not read one to learn of the next.</summary>
    private string Complete(string html, IEnumerable<string> names)
    {
        var modules = names.Where(static name => name.EndsWith(".js", StringComparison.Ordinal) && name != "theme.js").Order(StringComparer.Ordinal);
        var preloads = string.Join("\n", modules.Select(name => $$"""<link rel="modulepreload" href="{base}/{{name}}">"""));
        return html.Replace("<!-- modules -->", preloads, StringComparison.Ordinal).Replace("{base}", $"{WebRoutes.Files}/{Version}", StringComparison.Ordinal);
    }

    private static string VersionOf(Dictionary<string, byte[]> sources)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in sources.OrderBy(static source => source.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(content));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static string TypeOf(string name) => ContentTypes[Path.GetExtension(name)];

    private static byte[] Read(System.Reflection.Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly has no '{name}'.");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
