namespace Dashboard.Telemetry;

/// <summary>Points in time as OTLP has them: nanoseconds since 1970. A long holds them until 2262.</summary>
internal static class Instant
{
    public const long Second = 1_000_000_000;

    public static long Of(ulong unixNano) => unixNano > long.MaxValue ? 0 : (long)unixNano;

    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100;

    public static long Of(TimeSpan span) => span.Ticks * 100;

    public static DateTimeOffset Time(long nanos) => DateTimeOffset.UnixEpoch.AddTicks(nanos / 100);

    public static long Nanos(this TimeProvider time) => Of(time.GetUtcNow());
}
