namespace Aspire.Hosting.Engine;

/// <summary>The sockets and pipes that .NET's runtime opens for debuggers in the temporary folder. A process that was killed leaves them.</summary>
internal static class RuntimeFiles
{
    public static void RemoveOf(int pid)
    {
        foreach (var pattern in (string[])[$"dotnet-diagnostic-{pid}-*", $"clr-debug-pipe-{pid}-*"])
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
            {
                try
                {
                    File.Delete(file);
                }
                catch (UnauthorizedAccessException)
                {
                    // Of another user's process that had the number before.
                }
            }
        }
    }
}
