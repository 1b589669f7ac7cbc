using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>The last lines of an output, and its watchers. A watcher that does not keep up loses the oldest lines, never the process its time.</summary>
internal sealed class LineBuffer
{
    /// <summary>Enough for a start-up and many stack traces; a whole day's log belongs elsewhere.</summary>
    private const int Kept = 10_000;

    /// <summary>However long the lines are: four million characters are eight megabytes.</summary>
    private const long MostCharacters = 4_000_000;

    /// <summary>A longer line is cut: it is somebody's file, not somebody's message.</summary>
    private const int LongestLine = 16_384;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly List<Channel<LogLine>> _watchers = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private long _characters;
    private bool _isAwaited;
    private bool _completed;

    public void Add(string content, bool isError)
    {
        var kept = content.Length > LongestLine ? string.Concat(content.AsSpan(0, LongestLine), " [cut]") : content;
        lock (_lock)
        {
            var line = new LogLine(++_count, kept, isError);
            _lines.Enqueue(line);
            _characters += kept.Length;
            while (_lines.Count > Kept || _characters > MostCharacters)
            {
                _characters -= _lines.Dequeue().Content.Length;
            }

            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(line);
            }

            Tell_NeedsLock();
        }
    }

    /// <summary>The lines after a number that are still kept, at most so many, and what to await when there are none: null when none will come.</summary>
    public (IReadOnlyList<LogLine> Lines, Task? News) After(int number, int most)
    {
        lock (_lock)
        {
            var first = _count - _lines.Count + 1;
            _isAwaited = true;
            return ([.. _lines.Skip(Math.Max(0, number - first + 1)).Take(most)], _completed ? null : _news.Task);
        }
    }

    public IReadOnlyList<LogLine> Last(int count)
    {
        lock (_lock)
        {
            return [.. _lines.TakeLast(count)];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _lines.Clear();
            _characters = 0;
        }
    }

    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryComplete();
            }

            Tell_NeedsLock();
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync()
    {
        var channel = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            foreach (var line in _lines)
            {
                channel.Writer.TryWrite(line);
            }

            if (_completed)
            {
                channel.Writer.TryComplete();
            }

            _watchers.Add(channel);
        }

        try
        {
            while (await channel.Reader.WaitToReadAsync())
            {
                var lines = new List<LogLine>();
                while (channel.Reader.TryRead(out var line))
                {
                    lines.Add(line);
                }

                yield return lines;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(channel);
            }
        }
    }

    private void Tell_NeedsLock()
    {
        // Nobody asks for the task of an output that nobody follows, so that one object serves any number of lines.
        if (_isAwaited)
        {
            _isAwaited = false;
            _news.TrySetResult();
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
