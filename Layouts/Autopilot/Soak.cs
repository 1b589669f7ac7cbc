using Contracts.Layouts;
using Layouts.Figures;

namespace Layouts.Autopilot;

/// <summary>
/// The time over which the gates of one layout of one scope must hold. In the driver's memory: a new driver starts it again, as it cannot know what
/// it has not seen.
/// </summary>
/// <param name="goalAt">The goal that it is for.</param>
/// <param name="epoch">The record that it is for.</param>
/// <param name="startedAt">Timestamp of the first look.</param>
internal sealed class Soak(DateTimeOffset goalAt, long epoch, long startedAt)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private FigureReading? _first;
    private long _beganAt;

    /// <summary>The 99th percentile of legacy copies as of the last promotion; looked up once.</summary>
    public double? LegacySeconds { get; set; }

    /// <summary>Whether <see cref="LegacySeconds"/> was looked up.</summary>
    public bool KnowsLegacy { get; set; }

    public bool IsOf(LayoutGoal goal, long record) => goalAt == goal.At && epoch == record;

    /// <summary>True once for each reason: what stays as it is is written down once.</summary>
    public bool IsNew(Verdict verdict) => _written.Add(verdict.Key);

    /// <summary>What happened since the first reading that came when the step had settled; null: it has not.</summary>
    public FigureWindow? Take(FigureReading reading, TimeSpan settle, TimeProvider time)
    {
        if (_first is null)
        {
            if (time.GetElapsedTime(startedAt) < settle)
            {
                return null;
            }

            _first = reading;
            _beganAt = time.GetTimestamp();
        }

        // A node that began before the soak but had not reported then: what it has counted so far is not of this soak.
        var length = reading.At - _first.At;
        var late = reading.Nodes.Where(node =>
            !_first.Nodes.ContainsKey(node.Key) && TimeSpan.FromMilliseconds(node.Value.Figures.UptimeMilliseconds) + node.Value.Age > length).ToArray();
        if (late.Length > 0)
        {
            _first = _first with { Nodes = new Dictionary<string, NodeReading>(_first.Nodes.Concat(late), StringComparer.Ordinal) };
        }

        return FigureWindow.Between(_first, reading);
    }

    /// <summary>How long it has gone on.</summary>
    public TimeSpan Elapsed(TimeProvider time) => _first is null ? TimeSpan.Zero : time.GetElapsedTime(_beganAt);
}
