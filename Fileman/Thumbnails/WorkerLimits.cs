using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fileman.Thumbnails;

/// <summary>Has the kernel hold this process to its share. Linux enforces all of it; macOS the time; Windows nothing, where the service is developed and not run.</summary>
internal static class WorkerLimits
{
    // The same numbers on Linux and macOS.
    private const int CpuSeconds = 0;
    private const int Data = 2;
    private const int Core = 4;

    public static void Apply(ulong memoryBytes, ulong seconds)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // No core dump after a hostile picture.
        Set(Core, 0);
        Set(CpuSeconds, seconds);
        if (OperatingSystem.IsLinux())
        {
            // Memory that can be written to. The address space is no measure: the runtime reserves far more than it uses.
            Set(Data, memoryBytes);
        }
    }

    private static void Set(int resource, ulong value)
    {
        var limit = new Limit { Soft = value, Hard = value };
        if (SetLimit(resource, ref limit) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, ref Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
