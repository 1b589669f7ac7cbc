using System.Globalization;

namespace Layouts.Brokers;

/// <summary>What the Redis masters have counted since they began, as of one look. Immutable.</summary>
/// <param name="Masters">Those that answered.</param>
/// <param name="Problem">Why not all are in it; null: they are.</param>
internal sealed record BrokerReading(IReadOnlyList<MasterCounts> Masters, string? Problem);

/// <summary>One master's counts. They only grow while <paramref name="Run"/> is the same.</summary>
/// <param name="Name">Host and port.</param>
/// <param name="Run">Another one after each start of the server.</param>
/// <param name="CpuSeconds">User and system time of the whole process.</param>
/// <param name="Commands">Of all clients.</param>
/// <param name="At">When it answered, by this node's clock.</param>
internal sealed record MasterCounts(string Name, string Run, double CpuSeconds, long Commands, TimeSpan At)
{
    /// <summary>Out of an answer to INFO; null: it lacks the CPU time or the commands, as another server's may.</summary>
    public static MasterCounts? Of(string name, IEnumerable<KeyValuePair<string, string>> info, TimeSpan at)
    {
        var (run, user, system, commands) = ("", (double?)null, (double?)null, (long?)null);
        foreach (var (key, value) in info)
        {
            switch (key)
            {
                case "run_id":
                    run = value;
                    break;
                case "used_cpu_user":
                    user = Seconds(value);
                    break;
                case "used_cpu_sys":
                    system = Seconds(value);
                    break;
                case "total_commands_processed":
                    commands = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
                    break;
            }
        }

        return user + system is { } cpu && commands is { } all ? new MasterCounts(name, run, cpu, all, at) : null;
    }

    private static double? Seconds(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds) ? seconds : null;
}
