using System.Diagnostics.Metrics;
using Dbman.Postgres;

namespace Dbman.Figures;

/// <summary>Metrics of reporting.</summary>
internal sealed class FiguresTelemetry
{
    private readonly Counter<long> _unreported;
    private long _total;

    public FiguresTelemetry(IMeterFactory meters) =>
        _unreported = meters.Create(DbmanMeter.Name).CreateCounter<long>("dbman.figures.unreported", "{report}", "Reports of this replica's figures that were not written, by reason.");

    /// <summary>All of <c>dbman.figures.unreported</c>, whatever the reason.</summary>
    public long Unreported => Interlocked.Read(ref _total);

    /// <param name="reason">busy or failed.</param>
    public void NotReported(string reason)
    {
        Interlocked.Increment(ref _total);
        _unreported.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }
}
