using System.Globalization;

namespace AppHost.Stores;

/// <summary>
/// One PostgreSQL's data folder. Its password is set at every start, so that data outlives a lost or renewed secret; its rules of access are written
/// at every start, so that nobody connects without the password.
/// </summary>
internal sealed class PostgresData(PostgresPrograms programs, ServerUser user, string folder)
{
    private const string Access = "host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";

    /// <summary>A recovery after a crash may take a while.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(5);

    /// <summary>The server of this data.</summary>
    public string[] ServerCommand(IEnumerable<string> arguments) => user.Command([
        programs.Server, "-D", folder, "-c", "listen_addresses=localhost", "-c", "unix_socket_directories=", "-c", "log_destination=stderr",
        "-c", "logging_collector=off", .. arguments]);

    /// <summary>Says at once what would keep the server from starting. Changes nothing.</summary>
    /// <exception cref="StoreException">The data are of another major version, or belong to another user.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        var owned = await Tool.TryRunAsync(user.Command("/bin/sh", "-c", "test -O \"$1\" && test -w \"$1\" && test -x \"$1\"", "sh", folder), LookLimit, cancellationToken);
        if (owned is not { ExitCode: 0 })
        {
            throw new StoreException(
                $"The data in {folder} belong to another user than '{user.Name ?? Environment.UserName}'. Run the AppHost as before, give the folder to that user (chown -R), or remove it to start empty.");
        }

        if (await VersionAsync(cancellationToken) is { } version && version != programs.Major)
        {
            throw new StoreException(
                $"The data in {folder} were written by PostgreSQL {version}, and {programs.Folder} has {programs.Version}. Install PostgreSQL {version}, or remove the folder to start empty.");
        }
    }

    /// <summary>Creates the data directory if it is missing, and sets the password and pg_hba rules.</summary>
    /// <exception cref="StoreException">A program failed; its last lines are in the message.</exception>
    public async Task PrepareAsync(string password, CancellationToken cancellationToken)
    {
        if (await VersionAsync(cancellationToken) is null)
        {
            // A folder without a version is what an initdb that was killed left.
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            Directory.CreateDirectory(folder);
            if (user.Name is { } name)
            {
                await Tool.RunAsync(["chown", name, folder], LookLimit, cancellationToken);
            }

            var locale = OperatingSystem.IsMacOS() ? "en_US.UTF-8" : "C.UTF-8";
            await Tool.RunAsync(
                user.Command(programs.Initdb, "-D", folder, "-U", PostgresProcess.User, "--auth=trust", "--encoding=UTF8", $"--locale={locale}", "--no-sync", "--no-instructions"),
                Limit,
                cancellationToken);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "pg_hba.conf"), Access, cancellationToken);
        await SetPasswordAsync(password, cancellationToken);
    }

    private async Task SetPasswordAsync(string password, CancellationToken cancellationToken)
    {
        // Single-user mode: no server, no port, nothing in the process list. It exits with 0 even if a statement fails.
        var statement = string.Create(CultureInfo.InvariantCulture, $"ALTER ROLE {PostgresProcess.User} PASSWORD '{password.Replace("'", "''", StringComparison.Ordinal)}';\n\n");
        var result = await Tool.TryRunAsync(
            user.Command(programs.Server, "--single", "-j", "-D", folder, "-c", "log_destination=stderr", "-c", "logging_collector=off", "-c", "log_min_messages=error", "-c", "log_min_error_statement=panic", "postgres"),
            Limit,
            cancellationToken,
            statement);
        if (result is not { ExitCode: 0 } || result.Errors.Contains("ERROR:", StringComparison.Ordinal))
        {
            var running = result?.Errors.Contains("postmaster.pid", StringComparison.Ordinal) == true;
            throw new StoreException(running
                ? $"Another PostgreSQL runs on the data in {folder}: stop the other AppHost of this clone. {result!.Tail}"
                : $"PostgreSQL cannot open the data in {folder}: {result?.Tail}");
        }
    }

    private async Task<string?> VersionAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, "PG_VERSION");
        return File.Exists(file) ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim() : null;
    }
}
