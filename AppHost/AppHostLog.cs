using Microsoft.Extensions.Logging;

namespace AppHost;

/// <summary>What the AppHost says.</summary>
internal static partial class AppHostLog
{
    [LoggerMessage(1, LogLevel.Information, "PostgreSQL {Version} of {Programs} and Redis ({Redis}) run as processes; data in {Folder}. --Stores=installed, containers or fetched chooses")]
    public static partial void StoresAreProcesses(ILogger logger, string version, string programs, string redis, string folder);
}
