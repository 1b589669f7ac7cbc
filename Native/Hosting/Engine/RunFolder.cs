using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Engine;

/// <summary>The temporary folder of one run, with its watchdog; created when the first resource needs it, gone with the run.</summary>
internal sealed class RunFolder(string? stateFolder, ILogger logger) : IDisposable
{
    private const string Prefix = "aspire-native-";
    private readonly Lock _lock = new();
    private string? _path;
    private Watchdog? _watchdog;

    /// <summary>The AppHost's own folder for what outlives a run: volumes and secrets. A test's goes with its run.</summary>
    public string StateFolder => stateFolder ?? For("state");

    /// <summary>Whether what is written there outlives the run.</summary>
    public bool KeepsState => stateFolder is not null;

    public Watchdog Watchdog
    {
        get
        {
            _ = Root;
            return _watchdog!;
        }
    }

    private string Root
    {
        get
        {
            lock (_lock)
            {
                if (_path is null)
                {
                    RemoveLeftovers();
                    _path = Directory.CreateTempSubdirectory(Prefix).FullName;

                    // Others may pass through (a database server runs as its own user) but not look around.
                    File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
                    _watchdog = new Watchdog(_path, new RunRecord(_path));
                }

                return _path;
            }
        }
    }

    /// <summary>A folder for one resource, for as long as the run.</summary>
    public string For(string resourceName) => Directory.CreateDirectory(Path.Combine(Root, resourceName)).FullName;

    public void Dispose()
    {
        lock (_lock)
        {
            if (_path is null || _watchdog is not { } watchdog)
            {
                return;
            }

            _watchdog = null;
            watchdog.Dispose();

            try
            {
                Directory.Delete(_path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                EngineLog.FolderStays(logger, _path, e);
            }
        }
    }

    private void RemoveLeftovers()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                if (RunRecord.LeftBehind(folder, out var all) is not { } pids || (pids.Count == 0 && IsBeingCreated(folder)))
                {
                    continue;
                }

                foreach (var pid in pids)
                {
                    Unix.Signal(-pid, Unix.SigKill);
                }

                foreach (var pid in all.Where(p => pids.Contains(p) || !Unix.Exists(p)))
                {
                    RuntimeFiles.RemoveOf(pid);
                }

                Directory.Delete(folder, recursive: true);
                EngineLog.LeftoversRemoved(logger, pids.Count, folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
            {
                // Another user's, or its watchdog is at it right now.
                EngineLog.FolderStays(logger, folder, e);
            }
        }
    }

    /// <summary>A run that starts at this moment has its folder but not yet its record.</summary>
    private static bool IsBeingCreated(string folder) =>
        !File.Exists(Path.Combine(folder, RunRecord.FileName))
        && Directory.GetCreationTimeUtc(folder) > TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1);
}
