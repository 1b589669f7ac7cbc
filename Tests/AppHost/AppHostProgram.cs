using System.Diagnostics;

namespace Tests.AppHost;

/// <summary>The AppHost as a program of its own.</summary>
internal static class AppHostProgram
{
    /// <summary>Folder of its project.</summary>
    public static string Folder => Projects.AppHost.ProjectPath;

    /// <summary>Built beside the tests.</summary>
    public static string Assembly => Path.Combine(
        Folder, "bin", AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0", "AppHost.dll");

    /// <summary>Publishes the manifest, and reads it.</summary>
    public static async Task<string> PublishAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("manifest-");
        var path = Path.Combine(folder.FullName, "manifest.json");
        try
        {
            using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", Assembly, .. arguments, "--output-path", path])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                WorkingDirectory = Folder,
            })!;
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            Assert.True(process.ExitCode == 0, output);
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
