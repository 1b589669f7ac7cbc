using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Native.Dashboards.Telemetry;

public sealed class MetricStoreTests
{
    private static readonly TelemetryResource Chat = Some.Resource();

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Now => _time.Nanos();

    [Fact]
    public void RateIsTheCountersGrowth_OverAllReplicas()
    {
        var store = new MetricStore(Some.Options(), _time);
        var other = Some.Resource(instance: "chat-2");
        for (var i = 0; i <= 20; i++)
        {
            store.Add(Chat, [Some.Counter("posts", Now, 1_000 + (10 * i))]);
            store.Add(other, [Some.Counter("posts", Now, 5 * i)]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var rate = Curves.Rate(Read(store, "posts"), ChartRange.Last(TimeSpan.FromSeconds(30), Now));

        Assert.Equal(15, rate[^1]!.Value, 6);
        Assert.Null(rate[0]);
    }

    [Fact]
    public void RestartOfTheSender_IsNoFall()
    {
        var store = new MetricStore(Some.Options(), _time);
        var start = Now;
        foreach (var value in new[] { 100, 110, 120, 5, 15, 25 })
        {
            store.Add(Chat, [Some.Counter("posts", Now, value, value < 100 ? start + 1 : start)]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var series = Assert.Single(Read(store, "posts"));

        // From 120 to the restart at zero, and from there to 25.
        Assert.Equal([120, 125, 135, 145], series.Numbers[^4..]);
        Assert.Equal(45, Curves.Increase([series], start, Now));
    }

    [Fact]
    public void RestartThatHasCountedFurther_IsToldByItsStart()
    {
        var store = new MetricStore(Some.Options(), _time);
        store.Add(Chat, [Some.Counter("posts", Now, 10, start: 1)]);
        _time.Advance(TimeSpan.FromSeconds(1));

        store.Add(Chat, [Some.Counter("posts", Now, 12, start: 2)]);

        Assert.Equal([10, 22], Assert.Single(Read(store, "posts")).Numbers);
    }

    [Fact]
    public void DeltasAddUp_LikeASum()
    {
        var store = new MetricStore(Some.Options(), _time);
        for (var i = 0; i < 5; i++)
        {
            store.Add(Chat, [Some.Counter("posts", Now, 10, isDelta: true), Some.Histogram("seconds", Now, Some.Distribution([1, 2], 1, 2, 0), isDelta: true)]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([10, 20, 30, 40, 50], Assert.Single(Read(store, "posts")).Numbers);
        var histogram = Assert.Single(Read(store, "seconds"));
        Assert.Equal([5, 10, 0], ((ExplicitDistribution)histogram.Distributions[^1]).Counts);
    }

    [Fact]
    public void SeriesThatBegins_HasCountedFromTheLastReport()
    {
        var store = new MetricStore(Some.Options(), _time);
        store.Add(Chat, [Some.Counter("posts", Now, 10)]);
        _time.Advance(TimeSpan.FromSeconds(1));

        // The first failure ever: one in a second, not "one, since nobody knows when".
        store.Add(Chat, [Some.Counter("failures", Now, 1, start: Now - Instant.Second * 600)]);

        Assert.Equal(1, Curves.Increase(Read(store, "failures"), Now - (2 * Instant.Second), Now));
        Assert.Equal([Now - Instant.Second, Now], Assert.Single(Read(store, "failures")).Times);
    }

    [Fact]
    public void QuantilesAreOfTheWindow_AndOverReplicas()
    {
        var store = new MetricStore(Some.Options(), _time);
        var other = Some.Resource(instance: "chat-2");
        double[] bounds = [0.1, 0.2, 0.3, 1];
        for (var i = 0; i <= 60; i++)
        {
            // For half a minute all is fast; then one replica gets slow.
            var slow = Math.Max(0, i - 30) * 10;
            store.Add(Chat, [Some.Histogram("seconds", Now, Some.Distribution(bounds, 10 * i, 0, 0, 0, 0))]);
            store.Add(other, [Some.Histogram("seconds", Now, Some.Distribution(bounds, 10 * Math.Min(i, 30), 0, slow, 0, 0))]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var lines = Curves.Quantiles(Read(store, "seconds"), ChartRange.Last(TimeSpan.FromSeconds(55), Now), [0.25, 0.95]);

        Assert.InRange(lines[1][5]!.Value, 0.05, 0.1);
        Assert.InRange(lines[0][^1]!.Value, 0.04, 0.06);
        Assert.InRange(lines[1][^1]!.Value, 0.28, 0.3);
    }

    [Fact]
    public void SeriesInWhichNothingHappens_CostsNoBuckets()
    {
        var store = new MetricStore(Some.Options(), _time);
        for (var i = 0; i < 100; i++)
        {
            store.Add(Chat, [Some.Histogram("seconds", Now, Some.Distribution([1, 2], 3, 4, 5))]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var series = Assert.Single(Read(store, "seconds"));
        Assert.Equal(100, series.Distributions.Length);
        Assert.Single(series.Distributions.Distinct());
    }

    [Fact]
    public void PointsOfOneStepReplaceEachOther_AndOldOnesGo()
    {
        var store = new MetricStore(Some.Options(o => o.MetricRetention = TimeSpan.FromMinutes(1)), _time);
        for (var i = 0; i < 6_000; i++)
        {
            store.Add(Chat, [Some.Counter("posts", Now, i)]);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        var series = Assert.Single(Read(store, "posts"));
        Assert.InRange(series.Times.Length, 58, 62);
        Assert.Equal(5_999, series.Numbers[^1]);
        Assert.Equal(0, store.Dropped);
    }

    [Fact]
    public void SilentSendersGo_WithTheirInstruments()
    {
        var store = new MetricStore(Some.Options(o => o.MetricRetention = TimeSpan.FromMinutes(1)), _time);
        store.Add(Some.Resource(instance: "chat-2"), [Some.Counter("posts", Now, 1)]);
        _time.Advance(TimeSpan.FromMinutes(2));

        store.Add(Chat, [Some.Counter("posts", Now, 1)]);

        Assert.Equal("chat-1", Assert.Single(store.Instruments()).Key.Resource.Instance);
    }

    [Fact]
    public void DimensionsInstrumentsAndBytesAreBounded_AtTenTimesTheBound()
    {
        var series = new MetricStore(Some.Options(o => o.MaxSeriesPerInstrument = 100), _time);
        var instruments = new MetricStore(Some.Options(o => o.MaxInstrumentCount = 100), _time);
        var bytes = new MetricStore(Some.Options(o => o.MaxMetricBytes = 1 << 20), _time);
        for (var i = 0; i < 1_000; i++)
        {
            series.Add(Chat, [Some.Counter("posts", Now, 1, dimensions: new Tag("user", $"{i}"))]);
            instruments.Add(Chat, [Some.Counter($"posts-{i}", Now, 1)]);
            for (var one = 0; one < 20; one++)
            {
                bytes.Add(Chat, [Some.Histogram("seconds", Now, Some.Distribution([.. Enumerable.Range(1, 50)], [i, .. new long[50]]), dimensions: new Tag("route", $"{one}"))]);
            }

            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        var kept = Read(series, "posts");
        Assert.InRange(kept.Count, 90, 100);
        Assert.Contains(kept, s => s.Dimensions[0].Value == "999");
        Assert.InRange(series.Dropped, 900, 910);
        Assert.InRange(instruments.InstrumentCount, 90, 100);
        Assert.Contains(instruments.Instruments(), i => i.Key.Name == "posts-999");
        Assert.InRange(bytes.Bytes, 1 << 18, 1 << 20);
        Assert.Equal(20, Read(bytes, "seconds").Count);
        Assert.True(bytes.Dropped > 0);
    }

    [Fact]
    public async Task EstimateStaysTrue_WhenManyAddAtOnce()
    {
        var store = new MetricStore(Some.Options(o => o.MaxSeriesPerInstrument = 50), TimeProvider.System);
        var start = TimeProvider.System.Nanos();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            () =>
            {
                var resource = Some.Resource(instance: $"chat-{writer % 4}");
                for (var i = 0; i < 500; i++)
                {
                    store.Add(resource, [Some.Counter("posts", start + i, i, dimensions: new Tag("user", $"{i % 100}"))]);
                }
            },
            Token)));
        Assert.True(store.Bytes > 0);

        store.Clear();

        Assert.Equal(0, store.Bytes);
        Assert.Empty(store.Instruments());
    }

    [Fact]
    public void ExemplarIsKeptOnce_HoweverOftenItIsSent()
    {
        var store = new MetricStore(Some.Options(), _time);
        var exemplar = new Exemplar(Now, 0.5, new(1, 2), new(3));
        for (var i = 0; i < 3; i++)
        {
            store.Add(Chat, [new("meter", "seconds", "s", "", InstrumentKind.Histogram, [new([], 0, Now, 0, Some.Distribution([1], i, 0), false, [exemplar])])]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(exemplar, Assert.Single(new MetricReader(store).Exemplars("chat", "seconds")).Exemplar);
    }

    private static List<SeriesPoints> Read(MetricStore store, string name) => new MetricReader(store).Read("chat", name);
}
