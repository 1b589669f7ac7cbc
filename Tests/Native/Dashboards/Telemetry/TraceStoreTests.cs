using Dashboard.Telemetry;
using Dashboard.Telemetry.Traces;

namespace Tests.Native.Dashboards.Telemetry;

public sealed class TraceStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void OldestTracesAreGone_AtTenTimesTheBound()
    {
        var store = new TraceStore(Some.Options(o => o.MaxTraceCount = 100), TimeProvider.System);

        for (ulong trace = 1; trace <= 1_000; trace++)
        {
            store.Add([Some.Span(trace, 1), Some.Span(trace, 2, parent: 1)]);
        }

        Assert.Equal(100, store.TraceCount);
        Assert.Equal(200, store.SpanCount);
        Assert.Equal(900, store.Dropped);
        Assert.Equal(Enumerable.Range(901, 100).Reverse().Select(n => (ulong)n), store.List().Select(t => t.Id.Low));
        Assert.Empty(store.Find(new(1, 900)));
    }

    [Fact]
    public void SpansAndBytesAreBounds_Too()
    {
        var bySpans = new TraceStore(Some.Options(o => o.MaxSpanCount = 100), TimeProvider.System);
        var byBytes = new TraceStore(Some.Options(o => o.MaxTraceBytes = 1 << 20), TimeProvider.System);
        for (ulong trace = 1; trace <= 1_000; trace++)
        {
            bySpans.Add([Some.Span(trace, 1), Some.Span(trace, 2)]);
            byBytes.Add([Some.Span(trace, 1, name: new string('x', 5_000))]);
        }

        Assert.Equal(100, bySpans.SpanCount);
        Assert.InRange(byBytes.Bytes, 1, 1 << 20);
        Assert.InRange(byBytes.TraceCount, 90, 110);
        byBytes.Clear();
        Assert.Equal((0, 0, 1_000), (byBytes.Bytes, byBytes.TraceCount, byBytes.Dropped));
    }

    [Fact]
    public void EndlessTraceIsCut_AndOthersStay()
    {
        var store = new TraceStore(Some.Options(o => o.MaxSpansPerTrace = 10), TimeProvider.System);
        store.Add([Some.Span(1, 1)]);

        var refused = store.Add([.. Enumerable.Range(1, 25).Select(n => Some.Span(2, (ulong)n))]);

        Assert.Equal(15, refused);
        Assert.True(store.Contains(new(1, 1)));
    }

    [Theory]
    [InlineData("GET", SpanKind.Client, "http://dbman/internal/v1/rooms/r?limit=1#x", "GET /internal/v1/rooms/r")]
    [InlineData("GET", SpanKind.Client, "http://dbman?limit=1", "GET /")]
    [InlineData("GET", SpanKind.Server, "http://dbman/internal/v1/rooms/r", "GET")]
    [InlineData("list rooms", SpanKind.Client, "http://dbman/internal/v1/rooms", "list rooms")]
    public void CallersSpanIsTitledByWhatWasCalled_WhereItsNameIsAMethodAlone(string name, SpanKind kind, string address, string title)
    {
        var span = new Span
        {
            TraceId = new(1, 1),
            Id = new(1),
            Name = name,
            Kind = kind,
            Scope = "System.Net.Http",
            Resource = Some.Resource(),
            Start = 1,
            End = 2,
            Attributes = [new Tag("http.request.method", "GET"), new Tag("url.full", address)],
        };

        Assert.Equal(title, span.Title);
        Assert.Equal(title, TraceSummary.Of(span.TraceId, [span]).Name);
    }

    [Fact]
    public void SpanThatIsSentTwice_IsKeptOnce()
    {
        var store = new TraceStore(Some.Options(), TimeProvider.System);

        store.Add([Some.Span(1, 1), Some.Span(1, 1)]);
        store.Add([Some.Span(1, 1)]);

        Assert.Single(store.Find(new(1, 1)));
        Assert.Equal(1, store.SpanCount);
    }

    [Fact]
    public void BatchIsFound_FromEveryTraceThatItWorkedFor()
    {
        var store = new TraceStore(Some.Options(o => o.MaxTraceCount = 10), TimeProvider.System);
        var batch = new Span
        {
            TraceId = new(1, 1),
            Id = new(5),
            Name = "commit",
            Kind = SpanKind.Internal,
            Scope = "scope",
            Resource = Some.Resource(),
            Start = 1,
            End = 2,
            Links = [new(new(1, 2), new(7), []), new(new(1, 1), new(8), [])],
        };

        // Before the trace that it worked for, as senders have it.
        store.Add([batch]);
        store.Add([Some.Span(2, 7)]);

        Assert.Equal([new TraceKey(1, 1)], store.Related(new(1, 2)));
        Assert.Empty(store.Related(new(1, 1)));
        store.Add([.. Enumerable.Range(10, 10).Select(n => Some.Span((ulong)n, 1))]);
        Assert.Empty(store.Related(new(1, 2)));
    }

    [Fact]
    public async Task NothingIsLost_WhenManyAddToTheSameTraces()
    {
        var store = new TraceStore(Some.Options(), TimeProvider.System);
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(
            () =>
            {
                for (ulong i = 0; i < 500; i++)
                {
                    store.Add([Some.Span(i % 50, ((ulong)writer << 32) + i + 1)]);
                    store.List();
                }
            },
            Token));

        await Task.WhenAll(writers);

        Assert.Equal(4_000, store.SpanCount);
        Assert.All(store.List(), t => Assert.Equal(80, t.Spans));
    }

    [Fact]
    public void WaterfallPutsChildrenBelowTheirParents_WhateverTheOrder()
    {
        Span[] spans =
        [
            Some.Span(1, 4, parent: 2, start: 30, end: 40, name: "query"),
            Some.Span(1, 3, parent: 1, start: 60, end: 90, name: "publish", service: "realtime"),
            Some.Span(1, 2, parent: 1, start: 20, end: 50, name: "append", service: "dbman"),
            Some.Span(1, 1, start: 0, end: 100, name: "post"),
            Some.Span(1, 9, parent: 77, start: 10, end: 11, name: "orphan"),
        ];

        var waterfall = Waterfall.Of(spans, new HashSet<SpanKey>());
        var collapsed = Waterfall.Of(spans, new HashSet<SpanKey> { new(2) });

        Assert.Equal(["post 0", "append 1", "query 2", "publish 1", "orphan 0"], waterfall.Rows.Select(r => $"{r.Span.Name} {r.Depth}"));
        Assert.Equal((0.3, 0.1), (waterfall.Rows[2].Left, waterfall.Rows[2].Width));
        Assert.Equal(["post", "append", "publish", "orphan"], collapsed.Rows.Select(r => r.Span.Name));
    }

    [Fact]
    public void SpansThatAreEachOthersParents_AreShownOnce()
    {
        var waterfall = Waterfall.Of([Some.Span(1, 1, parent: 2), Some.Span(1, 2, parent: 1), Some.Span(1, 3, parent: 3)], new HashSet<SpanKey>());

        Assert.Equal(3, waterfall.Rows.Count);
    }

    [Fact]
    public void SummaryNamesTheRoot_AndCountsErrorsByService()
    {
        var summary = TraceSummary.Of(new(1, 1), [
            Some.Span(1, 2, parent: 1, service: "dbman", failed: true, start: 1_500, end: 5_000),
            Some.Span(1, 1, name: "POST /rooms"),
        ]);

        Assert.Equal(("POST /rooms", 2, 1, true), (summary.Name, summary.Spans, summary.Errors, summary.HasRoot));
        Assert.Equal(4_000, summary.Duration);
        Assert.Equal([("chat", 0), ("dbman", 1)], summary.Parts.Select(p => (p.Name, p.Errors)));
    }
}
