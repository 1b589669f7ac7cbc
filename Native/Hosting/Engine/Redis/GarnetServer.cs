using System.Text.Json;

namespace Aspire.Hosting.Engine.Redis;

/// <summary>
/// Garnet from the repository's tool manifest, restored when it is first needed. The password goes into a configuration file, where other users'
/// process lists do not show it. The dotnet command and the runtime below it leave files in the temporary folder, most of all when they are killed:
/// they get one within the run's folder, which goes with the run.
/// </summary>
internal static class GarnetServer
{
    private const string Tool = "garnet-server";

    public static async Task<ProcessSpec> PrepareAsync(
        LaunchContext context, string folder, string data, int port, string? password, bool persist, CancellationToken cancellationToken)
    {
        var manifestFolder = ManifestFolder(context.AppHostDirectory)
            ?? throw new DistributedApplicationException(
                $"redis-server is not installed, and no .config/dotnet-tools.json at or above {context.AppHostDirectory} names {Tool}. "
                + "Install one of them, for example with 'apt-get install redis-server'.");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(folder, "tmp")).FullName,

            // Its sockets have the longest paths of all, and nobody debugs this process.
            ["DOTNET_EnableDiagnostics"] = "0",
        };
        await RestoreAsync(context, manifestFolder, environment, cancellationToken);
        var configuration = Path.Combine(folder, "garnet.json");
        var settings = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["Port"] = port,
            ["Address"] = "127.0.0.1",
            ["CheckpointDir"] = data,
            ["EnableAOF"] = persist,
            ["Recover"] = persist,
            ["EnableLua"] = true,
            ["AuthenticationMode"] = password is null ? "NoAuth" : "Password",
            ["Password"] = password,
        };
        await File.WriteAllTextAsync(configuration, JsonSerializer.Serialize(settings), cancellationToken);
        File.SetUnixFileMode(configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new ProcessSpec(DotNet.Command, ["tool", "run", Tool, "--", "--config-import-path", configuration, .. context.Arguments], manifestFolder)
        {
            Environment = environment,
        };
    }

    private static async Task RestoreAsync(
        LaunchContext context, string manifestFolder, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        EngineLog.Note(context.Logger, $"redis-server is not installed: restoring the .NET tool {Tool}");
        var lines = new LineBuffer();
        var command = new ProcessSpec(DotNet.Command, ["tool", "restore"], manifestFolder) { Environment = environment };
        using var restore = LocalProcess.Start(command, context.Folder.Watchdog, lines.Add);
        if (await restore.Exited.WaitAsync(cancellationToken) is var code and not 0)
        {
            throw new DistributedApplicationException(
                $"'dotnet tool restore' in {manifestFolder} ended with exit code {code}: {string.Join(' ', lines.Last(5).Select(l => l.Content))} "
                + "Without network, install redis-server instead.");
        }
    }

    private static string? ManifestFolder(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var manifest = Path.Combine(folder.FullName, ".config", "dotnet-tools.json");
            if (File.Exists(manifest) && File.ReadAllText(manifest).Contains($"\"{Tool}\"", StringComparison.Ordinal))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
