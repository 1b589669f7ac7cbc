using Dashboard.Wire;

namespace Dashboard.Resources;

/// <summary>How an instance is, as one glance tells it apart.</summary>
public enum Condition
{
    /// <summary>Not meant to run now: not started, stopped, finished.</summary>
    Idle,

    /// <summary>On its way somewhere.</summary>
    Busy,

    Good,

    /// <summary>It works, and says that something is wrong.</summary>
    Fair,

    Bad,
}

internal static class Conditions
{
    public static Condition ConditionOf(this Instance instance) => instance.State switch
    {
        "Running" => instance.Health switch
        {
            "Unhealthy" => Condition.Bad,
            "Degraded" => Condition.Fair,
            "Healthy" => Condition.Good,
            _ => instance.Reports.Count == 0 ? Condition.Good : Condition.Busy,
        },
        "Starting" or "Waiting" or "Stopping" => Condition.Busy,
        "FailedToStart" or "RuntimeUnhealthy" or "ValueMissing" => Condition.Bad,
        "Active" => Condition.Good,
        _ => instance.StateStyle == "error" || (instance.HasExitCode && instance.ExitCode != 0 && instance.StateStyle != string.Empty) ? Condition.Bad : Condition.Idle,
    };

    /// <summary>The worst of several; one that is idle among others that are not is no worse than they.</summary>
    public static Condition Worst(this IEnumerable<Instance> instances) => instances.Select(ConditionOf).DefaultIfEmpty(Condition.Idle)
        .MaxBy(c => c switch { Condition.Bad => 4, Condition.Fair => 3, Condition.Busy => 2, Condition.Good => 1, _ => 0 });

    /// <summary>The state with what there is to say about it.</summary>
    public static string StateText(this Instance instance) => instance switch
    {
        { State: "" } => "Unknown",
        { State: "Running", Health: "Unhealthy" or "Degraded" } => instance.Health,
        { State: "Running", Health: "", Reports.Count: > 0 } => "Getting ready",
        { HasExitCode: true } => $"{instance.State} ({ExitText(instance.ExitCode)})",
        { State: "FailedToStart" } => "Failed to start",
        { State: "ValueMissing" } => "Value missing",
        { State: "NotStarted" } => "Not started",
        _ => instance.State,
    };

    /// <summary>Why it is not well, as its health checks say it.</summary>
    public static string Reason(this Instance instance) => string.Join(
        "; ",
        instance.Reports.Where(r => r.Status is "Unhealthy" or "Degraded").Select(r => r.Description.Length > 0 ? r.Description : r.Exception.Split('\n')[0]));

    private static string ExitText(int code) => code switch
    {
        // 128 and the signal's number.
        129 or 130 or 137 or 139 or 143 or 134 => $"exit code {code}, {SignalName(code - 128)}",
        _ => $"exit code {code}",
    };

    private static string SignalName(int signal) => signal switch { 1 => "hung up", 2 => "interrupted", 6 => "aborted", 9 => "killed", 11 => "crashed", _ => "terminated" };
}
