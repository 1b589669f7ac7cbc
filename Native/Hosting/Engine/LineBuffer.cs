using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>The last lines of an output, and its watchers. A watcher that does not keep up loses the oldest lines, never the process its time.</summary>
internal sealed class LineBuffer
{
    /// <summary>Enough for a start-up and a stack trace or two; a whole day's log belongs elsewhere.</summary>
    private const int Kept = 2_000;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly List<Channel<LogLine>> _watchers = [];
    private int _count;
    private bool _completed;

    public void Add(string content, bool isError)
    {
        lock (_lock)
        {
            var line = new LogLine(++_count, content, isError);
            _lines.Enqueue(line);
            if (_lines.Count > Kept)
            {
                _lines.Dequeue();
            }

            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(line);
            }
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
}
