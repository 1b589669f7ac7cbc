using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine.Postgres;

/// <summary>
/// A private server: its own data folder and port, no socket file, passwords only. PostgreSQL refuses to run as root, so root hands it to an
/// unprivileged user. A server whose data goes with the run need not survive a power failure, and does not pay for it; one with a volume does.
/// </summary>
internal sealed class PostgresServer(PostgresServerResource resource) : LocalServer
{
    private static readonly string[] Unprivileged = ["postgres", "nobody"];

    public override async Task<ProcessSpec> PrepareAsync(LaunchContext context, CancellationToken cancellationToken)
    {
        var binaries = PostgresBinaries.Find();
        var runAs = RunAs();
        var volume = Volumes.FolderOf(context, runAs);
        var data = Path.Combine(volume ?? context.Folder.For(context.Resource.Name), "data");
        var version = Path.Combine(data, "PG_VERSION");
        if (!File.Exists(version))
        {
            await CreateAsync(context, binaries, data, runAs, cancellationToken);
        }
        else if (volume is not null)
        {
            CheckVersion(context, binaries, data, (await File.ReadAllTextAsync(version, cancellationToken)).Trim());
        }

        string[] durability = volume is null || !context.Folder.KeepsState ? ["-c", "fsync=off", "-c", "full_page_writes=off"] : [];
        var given = context.Arguments.Skip(context.Arguments.FirstOrDefault() == "postgres" ? 1 : 0);
        return new ProcessSpec(
            binaries.Server,
            [
                "-D", data, "-p", $"{context.PortOf(PostgresServerResource.PrimaryEndpointName)}",
                "-c", "listen_addresses=localhost", "-c", "unix_socket_directories=", "-c", "log_destination=stderr", "-c", "logging_collector=off",
                .. durability, .. given,
            ],
            data)
        {
            // Fast shutdown: ends sessions, writes a checkpoint. SIGTERM would wait for every client to leave.
            StopSignal = Unix.SigInt,
            StopGroup = false,
            RunAs = runAs,
        };
    }

    private static (int User, int Group)? RunAs() => !Unix.IsRoot
        ? null
        : Unprivileged.Select(Unix.IdsOf).FirstOrDefault(ids => ids is not null)
            ?? throw new DistributedApplicationException(
                "This runs as root, and PostgreSQL must not; no unprivileged user 'postgres' or 'nobody' exists to hand it to. Run as an ordinary user.");

    private static void CheckVersion(LaunchContext context, PostgresBinaries binaries, string data, string version)
    {
        using var process = Process.Start(new ProcessStartInfo(binaries.Server, "--version") { RedirectStandardOutput = true, UseShellExecute = false })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (!text.Contains($") {version}", StringComparison.Ordinal))
        {
            throw new DistributedApplicationException(
                $"The data in {data} was written by PostgreSQL {version}, but {binaries.Server} is {text.Trim()}. "
                + $"Install PostgreSQL {version}, or delete that folder to start with an empty '{context.Resource.Name}'.");
        }
    }

    private async Task CreateAsync(
        LaunchContext context, PostgresBinaries binaries, string data, (int User, int Group)? runAs, CancellationToken cancellationToken)
    {
        // A folder without PG_VERSION is what an initdb that was killed left; initdb wants an empty one.
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        Directory.CreateDirectory(data);
        var password = Path.Combine(context.Folder.For(context.Resource.Name), "password");
        await File.WriteAllTextAsync(password, await resource.PasswordParameter.GetValueAsync(cancellationToken), cancellationToken);
        File.SetUnixFileMode(password, UnixFileMode.UserRead);
        if (runAs is { } ids)
        {
            Unix.ChangeOwner(data, ids.User, ids.Group);
            Unix.ChangeOwner(password, ids.User, ids.Group);
        }

        var user = await resource.UserNameReference.GetValueAsync(cancellationToken);
        var lines = new LineBuffer();
        using var initdb = LocalProcess.Start(
            new ProcessSpec(
                binaries.Initdb,
                [
                    "-D", data, "-U", user!, "--pwfile", password, "--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
                    "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                ],
                Path.GetDirectoryName(data)!)
            { RunAs = runAs },
            context.Folder.Watchdog,
            lines.Add);
        var code = await initdb.Exited;
        File.Delete(password);
        if (code != 0)
        {
            throw new DistributedApplicationException(
                $"initdb ended with exit code {code}: {string.Join(' ', lines.Last(5).Select(l => l.Content))}");
        }
    }
}
