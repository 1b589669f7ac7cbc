using Dashboard.Engine;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Microsoft.Extensions.Options;

namespace Dashboard.Overview;

/// <summary>The judgement of now, worked out at most once a second, for all pages together.</summary>
internal sealed class OverviewSource(InstanceStore instances, MetricReader reader, IOptions<OverviewOptions> options, TimeProvider time)
{
    private static readonly long Fresh = Instant.Second;

    private readonly Lock _gate = new();
    private readonly OverviewJudge _judge = new(reader, options.Value);
    private OverviewView? _view;
    private EngineView? _of;
    private long _at;

    public OverviewView Read()
    {
        lock (_gate)
        {
            var now = time.Nanos();
            var engine = instances.Current;
            if (_view is null || now - _at >= Fresh || !ReferenceEquals(_of, engine))
            {
                (_view, _at, _of) = (_judge.Judge(engine, now), now, engine);
            }

            return _view;
        }
    }
}
