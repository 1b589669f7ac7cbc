using System.Text.Json;

namespace AppHost.Stores;

/// <summary>redis-server where it is installed, else Garnet, a server of the same protocol that comes as a .NET tool.</summary>
/// <param name="Command">Program and arguments in front of the server's own.</param>
/// <param name="Name">What it is, for people.</param>
internal sealed record RedisPrograms(IReadOnlyList<string> Command, string Name)
{
    private static readonly TimeSpan RestoreLimit = TimeSpan.FromMinutes(3);

    /// <summary>From the repository's tool manifest.</summary>
    public static RedisPrograms Garnet { get; } = new(["dotnet", "tool", "run", "garnet-server", "--"], "Garnet, as redis-server is not installed");

    private bool IsGarnet => Command.Count > 1;

    public static RedisPrograms Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(static folder => Path.Combine(folder, "redis-server"))
            .FirstOrDefault(File.Exists) is { } server
            ? new RedisPrograms([server], server)
            : Garnet;

    /// <summary>Writes the configuration; restores the tool where it is needed.</summary>
    /// <param name="folder">An existing folder of this server.</param>
    /// <param name="password">Written to the file, which only its owner can read; never passed in the process list.</param>
    /// <param name="tools">A folder at or below the tool manifest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">The tool cannot be restored.</exception>
    public async Task PrepareAsync(string folder, string password, string tools, CancellationToken cancellationToken)
    {
        var file = ConfigurationOf(folder);
        var text = IsGarnet
            ? JsonSerializer.Serialize(new { Address = "127.0.0.1", EnableLua = true, AuthenticationMode = "Password", Password = password })
            : $"bind 127.0.0.1 -::1\nsave \"\"\nappendonly no\ndir \"{folder}\"\nrequirepass \"{password}\"\n";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var writer = new StreamWriter(file, options))
        {
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
        }

        if (IsGarnet)
        {
            await Tool.RunAsync(["dotnet", "tool", "restore"], RestoreLimit, cancellationToken, folder: tools);
        }
    }

    /// <summary>The dotnet command leaves files in the temporary folder when it is killed; nobody debugs this process.</summary>
    public IReadOnlyDictionary<string, string> Variables(string folder) => IsGarnet
        ? new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = folder, ["DOTNET_EnableDiagnostics"] = "0" }
        : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Arguments behind <see cref="Command"/>.</summary>
    public IEnumerable<object> Arguments(string folder, object port) =>
        [.. IsGarnet ? ["--config-import-path", ConfigurationOf(folder)] : (object[])[ConfigurationOf(folder)], "--port", port];

    private string ConfigurationOf(string folder) => Path.Combine(folder, IsGarnet ? "garnet.json" : "redis.conf");
}
