using Contracts.Dbman;
using Contracts.Results;
using Layouts.Console.Live;
using Layouts.Figures;
using StackExchange.Redis;

namespace Layouts.Console.Overview;

/// <summary>
/// The judgement of now, for all pages of this node. Has no clock of its own: a page that is seen asks with each look of <see cref="ConsoleFeed"/>,
/// and dbman is asked when the feed of figures has something new. A crowd of pages costs as much as one, and pages that nobody sees cost nothing.
/// When dbman does not answer that is the judgement, beside what was read last.
/// </summary>
internal sealed class OverviewPageCache(FigureFeed figures, DbmanClient dbman, IConnectionMultiplexer redis) : IDisposable
{
    /// <summary>Readings that are kept of a window: with the default of <see cref="FiguresOptions.Poll"/> it has twelve.</summary>
    private const int MostReadings = 60;

    /// <summary>
    /// Over how long counts are judged: a busy replica of dbman reports every twenty seconds, and what is over for a minute is over.
    /// </summary>
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>After a pause in which nobody looked, readings that are older say nothing about now.</summary>
    private static readonly TimeSpan Pause = Window * 4;

    /// <summary>How long replicas count as read before, while a version without figures answers beside another during an update.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _reading = new(1);

    // Under the semaphore. Readings within the window, and one that is older.
    private readonly List<OverviewReading> _readings = [];
    private readonly Dictionary<string, Queue<double?>> _lines = new(StringComparer.Ordinal);
    private FigureReading? _taken;
    private (ConsoleSnapshot Now, OverviewReading? Last, ServiceProblem? Problem, bool HasRedis) _judged;

    // Written under the semaphore, read by all.
    private OverviewView _current = OverviewView.Nothing;

    public OverviewView Current => Volatile.Read(ref _current);

    public async Task<OverviewView> ReadAsync(ConsoleSnapshot now, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var problem = await TakeAsync(cancellationToken) ?? now.Problem;
            (ConsoleSnapshot Now, OverviewReading? Last, ServiceProblem? Problem, bool HasRedis) facts = (now, _readings.LastOrDefault(), problem, redis.IsConnected);
            if (facts != _judged)
            {
                var view = Judge(facts);

                // Of layouts only reasons come: where these are the same, pages have nothing to draw.
                if (!ReferenceEquals(facts.Last, _judged.Last) || view.IsOld != Current.IsOld || !view.Reasons.SequenceEqual(Current.Reasons))
                {
                    Volatile.Write(ref _current, view);
                }

                _judged = facts;
            }

            return Current;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    /// <summary>Takes what is new; the answer is why that was not possible.</summary>
    private async Task<ServiceProblem?> TakeAsync(CancellationToken cancellationToken)
    {
        if (!(await figures.ReadAsync(cancellationToken)).TryGet(out var look, out var problem))
        {
            return problem;
        }

        if (ReferenceEquals(look.Reading, _taken))
        {
            return null;
        }

        var listed = await dbman.Replicas.ListAsync(cancellationToken);
        if (listed.Problem is { Status: not StatusCodes.Status404NotFound } refusal)
        {
            return refusal;
        }

        Keep(new OverviewReading(look.Reading.At, look.Nodes, look.Reading, listed.IsSuccess ? new ReplicaReading(look.Reading.At, listed.Value.Replicas) : Before(look.Reading.At)));
        _taken = look.Reading;
        return null;
    }

    /// <summary>A version without figures has answered.</summary>
    private ReplicaReading Before(DateTimeOffset at) =>
        _readings.LastOrDefault()?.Replicas is { IsKnown: true } known && at - known.At < Remembered ? known : ReplicaReading.Unknown(at);

    private void Keep(OverviewReading reading)
    {
        if (_readings.LastOrDefault() is { } newest && reading.At - newest.At > Pause)
        {
            _readings.Clear();
            _lines.Clear();
        }

        // The first of a window is the youngest that is old enough.
        while (_readings.Count > 1 && reading.At - _readings[1].At >= Window)
        {
            _readings.RemoveAt(0);
        }

        // Of readings that follow each other too fast the newest counts.
        if (_readings.Count > 1 && _readings[^1].At - _readings[^2].At < Window / MostReadings)
        {
            _readings.RemoveAt(_readings.Count - 1);
        }

        _readings.Add(reading);
    }

    private OverviewView Judge((ConsoleSnapshot Now, OverviewReading? Last, ServiceProblem? Problem, bool HasRedis) facts)
    {
        var first = _readings.Count > 1 ? _readings[0] : null;
        var view = OverviewJudge.Judge(first, facts.Last, facts.Now, facts.Problem, facts.HasRedis);
        var isNew = facts.Last is not null && view.At != Current.At;
        return view with { Dbman = Drawn("dbman", view.Dbman, isNew), Realtime = Drawn("realtime", view.Realtime, isNew) };
    }

    /// <summary>With the lines of the last minutes; a value is added with each reading.</summary>
    private IReadOnlyList<Tile> Drawn(string of, IReadOnlyList<Tile> tiles, bool isNew) =>
    [
        .. tiles.Select(tile =>
        {
            if (!_lines.TryGetValue($"{of} {tile.Name}", out var line))
            {
                _lines.Add($"{of} {tile.Name}", line = new Queue<double?>());
            }

            if (isNew)
            {
                line.Enqueue(tile.Value);
                while (line.Count > SparkLine.Places)
                {
                    line.Dequeue();
                }
            }

            return tile with { Line = SparkLine.Of([.. line]) };
        }),
    ];
}
