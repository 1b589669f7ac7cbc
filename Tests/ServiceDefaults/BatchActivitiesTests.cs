using System.Diagnostics;
using ServiceDefaults.Telemetry;

namespace Tests.ServiceDefaults;

public sealed class BatchActivitiesTests : IDisposable
{
    private readonly ActivitySource _source = new("Tests.Batches");
    private readonly ActivityListener _listener;

    public BatchActivitiesTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source == _source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void BatchStandsInTheFirstCallersTrace_AndLinksToTheOthers()
    {
        using var first = Caller();
        using var second = Caller();

        using var batch = _source.StartBatch("commit", [null, first, first, second, null], static caller => caller);

        Assert.NotNull(batch);
        Assert.Equal(first.TraceId, batch.TraceId);
        Assert.Equal(first.SpanId, batch.ParentSpanId);
        Assert.Equal([second.TraceId], batch.Links.Select(l => l.Context.TraceId));
        Assert.Equal(5, batch.GetTagItem("batch.size"));
    }

    [Fact]
    public void LargeBatchLinksToSomeOnly()
    {
        var callers = Enumerable.Range(0, 100).Select(_ => Caller()).ToList();

        using var batch = _source.StartBatch("commit", callers, static caller => caller);

        Assert.Equal(16, batch!.Links.Count());
        callers.ForEach(c => c.Dispose());
    }

    [Fact]
    public void NobodyIsRecorded_NoSpan()
    {
        using var unrecorded = new Activity("request").Start();

        Assert.Null(_source.StartBatch("commit", [null, unrecorded], static caller => caller));
    }

    private static Activity Caller()
    {
        Activity.Current = null;
        return new Activity("request") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.SetIdFormat(ActivityIdFormat.W3C).Start();
    }
}
