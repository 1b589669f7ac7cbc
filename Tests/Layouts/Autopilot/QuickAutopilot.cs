namespace Tests.Layouts.Autopilot;

/// <summary>An autopilot that climbs in seconds, at which the speed of this machine does not matter.</summary>
internal static class QuickAutopilot
{
    /// <summary>Settings of all nodes.</summary>
    /// <param name="soak">How long all gates hold before a stage is left.</param>
    /// <param name="watch">How long sharded is watched.</param>
    /// <param name="others">What is different.</param>
    public static (string Name, string Value)[] Settings(string soak, string watch, params IEnumerable<(string Name, string Value)> others) =>
    [
        ("ControlPlane:Heartbeat", "00:00:00.100"),
        ("Figures:Report", "00:00:00.100"),
        ("Figures:Poll", "00:00:00.100"),
        ("Figures:Window", "00:00:01"),
        ("Shadow:SamplePerMille", "1000"),
        ("Shadow:Window", "00:00:00.600"),
        ("Driver:Interval", "00:00:00.100"),
        ("Autopilot:Settle", "00:00:00.800"),
        ("Autopilot:Soak", soak),
        ("Autopilot:Watch", watch),
        ("Autopilot:CanaryPerMille:0", "250"),
        ("Autopilot:CanaryPerMille:1", "1000"),
        ("Autopilot:MinCompared", "20"),
        ("Autopilot:MinPublished", "20"),
        ("Autopilot:MinDelivered", "20"),
        ("Autopilot:MinParity", "0.9"),
        ("Autopilot:LatencySlack", "00:00:10"),
        ("Autopilot:MaxLatency", "00:00:10"),
        ("Autopilot:MaxRepairedRatio", "0.5"),
        ("Autopilot:MaxLostRatio", "0.5"),
        .. others,
    ];
}
