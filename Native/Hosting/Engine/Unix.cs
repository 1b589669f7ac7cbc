using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Engine;

/// <summary>What .NET has no API for: signals to groups, the effective user, the parent.</summary>
internal static class Unix
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    private const int NoSuchProcess = 3;

    public static bool IsRoot => geteuid() == 0;

    public static int ParentProcessId => getppid();

    public static bool Exists(int pid) => kill(pid, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess;

    /// <summary>Sends a signal to a process and all of its group; to the process alone while it has not got a group of its own yet.</summary>
    public static void SignalGroup(int pid, int signal)
    {
        if (kill(-pid, signal) != 0)
        {
            Signal(pid, signal);
        }
    }

    /// <summary>Sends a signal to a process, or with a negative id to a group. One that is gone already is what was wanted.</summary>
    public static void Signal(int pid, int signal)
    {
        if (kill(pid, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
        {
            throw new Win32Exception(error);
        }
    }

    /// <summary>A number that tells this process from a later one with the same id; null when it is not running.</summary>
    public static string? StartStamp(int pid) => File.Exists("/proc/self/stat") ? StampOfLinux(pid) : StampOfOthers(pid);

    private static string? StampOfOthers(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.StartTime.Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    private static string? StampOfLinux(int pid)
    {
        try
        {
            // The name may hold spaces and parentheses; the fields are counted after its end. Field 22 is the start in clock ticks since boot.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : fields[19];
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static string? FindOnPath(string command)
    {
        if (command.Contains('/', StringComparison.Ordinal))
        {
            return File.Exists(command) ? command : null;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(f => Path.Combine(f, command)).FirstOrDefault(File.Exists);
    }

    /// <summary>The entry of /etc/passwd for a user.</summary>
    public static (int User, int Group)? IdsOf(string userName)
    {
        const string Users = "/etc/passwd";
        return !File.Exists(Users)
            ? null
            : File.ReadLines(Users)
                .Select(l => l.Split(':'))
                .Where(f => f.Length > 3 && f[0] == userName)
                .Select(f => ((int, int)?)(int.Parse(f[2]), int.Parse(f[3])))
                .FirstOrDefault();
    }

    public static void ChangeOwner(string path, int user, int group)
    {
        if (chown(path, user, group) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", SetLastError = true)]
    [SuppressMessage("Style", "IDE1006", Justification = "The C name.")]
    private static extern int kill(int pid, int signal);

    [DllImport("libc")]
    [SuppressMessage("Style", "IDE1006", Justification = "The C name.")]
    private static extern uint geteuid();

    [DllImport("libc")]
    [SuppressMessage("Style", "IDE1006", Justification = "The C name.")]
    private static extern int getppid();

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [SuppressMessage("Style", "IDE1006", Justification = "The C name.")]
    private static extern int chown(string path, int owner, int group);
}
