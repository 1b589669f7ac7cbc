using System.Collections.Concurrent;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The output of every instance: the last lines are kept, and later ones can be watched.</summary>
public class ResourceLoggerService : IDisposable
{
    private readonly ConcurrentDictionary<string, LineBuffer> _buffers = new(StringComparer.OrdinalIgnoreCase);

    public ILogger GetLogger(IResource resource) => GetLogger(resource.Name);

    public ILogger GetLogger(string resourceName) => new LineLogger(BufferOf(resourceName));

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(resource.Name);

    /// <summary>The kept lines of a resource (all its instances) or of one instance, then new ones as they come, until it is completed.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName)
    {
        await foreach (var lines in BufferOf(resourceName).WatchAsync())
        {
            yield return lines;
        }
    }

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => GetAllAsync(resource.Name);

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return BufferOf(resourceName).Last(int.MaxValue);
    }

    public void Complete(IResource resource) => Complete(resource.Name);

    public void Complete(string name)
    {
        if (_buffers.TryGetValue(name, out var buffer))
        {
            buffer.Complete();
        }
    }

    public void ClearBacklog(string resourceName)
    {
        if (_buffers.TryGetValue(resourceName, out var buffer))
        {
            buffer.Clear();
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers.Values)
        {
            buffer.Complete();
        }

        GC.SuppressFinalize(this);
    }

    internal void Forget(string name)
    {
        if (_buffers.TryRemove(name, out var buffer))
        {
            buffer.Complete();
        }
    }

    internal LineBuffer BufferOf(string name) => _buffers.GetOrAdd(name, _ => new LineBuffer());
}
