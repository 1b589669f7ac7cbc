namespace Layouts.Console.Overview;

/// <summary>When a few of many are too many, over the last minute. The bounds are those of the alerts in <c>deploy/monitoring</c>.</summary>
internal static class Bounds
{
    /// <summary>Part of requests and copies that may fail before it is unwell; from a tenth of it on it is degraded.</summary>
    private const double MaxFailures = 0.01;

    /// <summary>Dropped and fetched again against delivered, and slow consumers against sockets, beyond which somebody should look.</summary>
    private const double MaxLost = 0.01;

    /// <summary>95th percentile of dbman's requests beyond which it is slow.</summary>
    public static readonly TimeSpan SlowRequest = TimeSpan.FromMilliseconds(250);

    /// <summary>99th percentile of publishing beyond which it is slow.</summary>
    public static readonly TimeSpan SlowPublish = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Below it a ratio is noise: one failed call on an idle system is no incident, but worth a look. The alerts have the same floor.
    /// </summary>
    public const int Least = 10;

    /// <summary>Fewest observations from which a percentile is judged.</summary>
    public const int LeastForPercentile = 20;

    /// <summary>From this part of the bound on somebody should look.</summary>
    private const double Look = 0.1;

    /// <summary>How bad it is that so many of all failed.</summary>
    public static Condition OfFailures(long failed, long all) =>
        failed <= 0 ? Condition.Well
        : failed >= Least && failed > all * MaxFailures ? Condition.Unwell
        : failed > all * MaxFailures * Look ? Condition.Degraded
        : Condition.Well;

    /// <summary>The same for what recovers by itself: never worse than degraded.</summary>
    public static Condition OfLosses(long lost, long all) => lost > 0 && lost > all * MaxLost ? Condition.Degraded : Condition.Well;

    /// <summary>How bad it is that the percentile of so many is that high.</summary>
    public static Condition OfDuration(double? seconds, long count, TimeSpan bound) =>
        count >= LeastForPercentile && seconds > bound.TotalSeconds ? Condition.Degraded : Condition.Well;
}
