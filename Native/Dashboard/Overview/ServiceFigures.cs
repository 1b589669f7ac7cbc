using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;

namespace Dashboard.Overview;

/// <summary>What the overview reads of the services' metrics: sums over replicas, over the last minute and as lines of the last minutes.</summary>
internal sealed class ServiceFigures(MetricReader reader, long now)
{
    public const string Requests = "http.server.request.duration";

    private static readonly long Minute = 60 * Instant.Second;

    public ChartRange Range { get; } = ChartRange.Last(TimeSpan.FromMinutes(3), now);

    private long Since => Range.To - Minute;

    public double Increase(string service, string name, Func<Tag[], bool>? wanted = null) => Curves.Increase(reader.Read(service, name, wanted), Since, Range.To);

    public double?[] Rate(string service, string name, Func<Tag[], bool>? wanted = null) => Curves.Rate(reader.Read(service, name, wanted), Range);

    public double?[] Value(string service, string name) => Curves.Value(reader.Read(service, name), Range);

    public HttpState? Http(string service)
    {
        var series = reader.Read(service, Requests, static tags => !IsProbe(tags));
        if (series.Count == 0)
        {
            return null;
        }

        var minute = Curves.Between(series, Since, Range.To);
        var failed = Curves.Between([.. series.Where(static s => IsFailure(s.Dimensions))], Since, Range.To);
        return new(
            service,
            (minute?.Count ?? 0) / 60.0,
            minute?.Quantile(0.5),
            minute?.Quantile(0.95),
            minute?.Quantile(0.99),
            failed?.Count ?? 0,
            Curves.Quantiles(series, Range, [0.95])[0],
            $"/metrics?resource={Uri.EscapeDataString(service)}&instrument={Requests}");
    }

    public double?[] FailureRate(string service)
    {
        var series = reader.Read(service, Requests, static tags => !IsProbe(tags) && IsFailure(tags));
        return series.Count == 0 ? Nothing() : Curves.CountRate(series, Range);
    }

    public IReadOnlyList<PublishState> Publishing(string service, string name)
    {
        var series = reader.Read(service, name);
        return
        [
            .. series.GroupBy(static s => s.Dimensions.ValueOf("kind") ?? "all", StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal).Select(g =>
            {
                var minute = Curves.Between([.. g], Since, Range.To);
                return new PublishState(g.Key, (minute?.Count ?? 0) / 60.0, minute?.Quantile(0.5), minute?.Quantile(0.95), minute?.Quantile(0.99));
            }),
        ];
    }

    public double FailedPublishes(string service, string name) =>
        Curves.Between(reader.Read(service, name, static tags => tags.ValueOf("outcome") == "failed"), Since, Range.To)?.Count ?? 0;

    /// <summary>The line of a counter that has never counted: zero, since its sender is there.</summary>
    public double?[] Nothing() => [.. Enumerable.Repeat<double?>(0, Range.Count)];

    private static bool IsProbe(Tag[] tags) =>
        tags.ValueOf("http.route") is { } route
        && (route.TrimStart('/').StartsWith("health", StringComparison.Ordinal) || route.TrimStart('/').StartsWith("metrics", StringComparison.Ordinal));

    private static bool IsFailure(Tag[] tags) => tags.ValueOf("http.response.status_code") is { Length: 3 } code && code[0] == '5';
}
