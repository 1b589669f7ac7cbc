using System.Diagnostics;
using System.Globalization;

namespace Bench.Layouts;

/// <summary>A control group of Linux that gives one process a fixed share of a processor, however many there are and whatever else runs.</summary>
internal sealed class CpuGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _folder;

    private CpuGroup(string folder) => _folder = folder;

    /// <summary>Puts the process into a group of its own.</summary>
    /// <param name="process">Whose processor time is limited.</param>
    /// <param name="quota">Processor time in a period; 1 ms is the least that Linux takes.</param>
    /// <param name="period">Length of a period: a process that has used its quota up stands still to its end.</param>
    /// <exception cref="InvalidOperationException">There are no control groups here, or this user may not make one.</exception>
    public static CpuGroup Put(Process process, TimeSpan quota, TimeSpan period)
    {
        var isUnified = File.Exists(Path.Combine(Root, "cgroup.controllers"));
        var parent = isUnified ? Root : Path.Combine(Root, "cpu");
        var folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"bench-{process.Id}"));
        var (most, of) = ((long)quota.TotalMicroseconds, (long)period.TotalMicroseconds);
        try
        {
            if (isUnified && !File.ReadAllText(Path.Combine(Root, "cgroup.subtree_control")).Contains("cpu", StringComparison.Ordinal))
            {
                File.WriteAllText(Path.Combine(Root, "cgroup.subtree_control"), "+cpu");
            }

            Directory.CreateDirectory(folder);
            if (isUnified)
            {
                Write("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{most} {of}"));
            }
            else
            {
                Write("cpu.cfs_period_us", of.ToString(CultureInfo.InvariantCulture));
                Write("cpu.cfs_quota_us", most.ToString(CultureInfo.InvariantCulture));
            }

            Write("cgroup.procs", process.Id.ToString(CultureInfo.InvariantCulture));
            return new CpuGroup(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"--broker-limit needs a control group for each broker in {parent}, as root on Linux with the cpu controller: {exception.Message}", exception);
        }

        void Write(string file, string text) => File.WriteAllText(Path.Combine(folder, file), text);
    }

    /// <summary>The process must have ended.</summary>
    public void Dispose() => Directory.Delete(_folder);
}
