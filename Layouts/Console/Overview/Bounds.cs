namespace Layouts.Console.Overview;

/// <summary>When a few of many are too many.</summary>
internal sealed class Bounds(OverviewOptions options)
{
    /// <summary>
    /// Below it a ratio is noise: one failed call on an idle system is no incident, but worth a look. The alerts have the same floor.
    /// </summary>
    public const int Least = 10;

    /// <summary>Fewest observations from which a percentile is judged.</summary>
    public const int LeastForPercentile = 20;

    /// <summary>From this part of the bound on somebody should look.</summary>
    private const double Look = 0.1;

    public OverviewOptions Options => options;

    /// <summary>How bad it is that so many of all failed.</summary>
    public Condition OfFailures(long failed, long all) =>
        failed <= 0 ? Condition.Well
        : failed >= Least && failed > all * options.MaxFailures ? Condition.Unwell
        : failed > all * options.MaxFailures * Look ? Condition.Degraded
        : Condition.Well;

    /// <summary>The same for what recovers by itself: never worse than degraded.</summary>
    public Condition OfLosses(long lost, long all) => lost > 0 && lost > all * options.MaxLost ? Condition.Degraded : Condition.Well;

    /// <summary>How bad it is that the percentile of so many is that high.</summary>
    public static Condition OfDuration(double? seconds, long count, TimeSpan bound) =>
        count >= LeastForPercentile && seconds > bound.TotalSeconds ? Condition.Degraded : Condition.Well;
}
