using System.Runtime.InteropServices;

namespace Aspire.Hosting.Engine;

/// <summary>The dotnet command that belongs to the runtime this program runs on.</summary>
internal static class DotNet
{
    public static string Command { get; } = Find();

    private static string Find()
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/
        var runtime = RuntimeEnvironment.GetRuntimeDirectory();
        var beside = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet"));
        return File.Exists(beside) ? beside : "dotnet";
    }
}
