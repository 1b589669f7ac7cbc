using System.Collections.Concurrent;
using Contracts.Frames;
using Contracts.Messages;
using Realtime.Channels;
using Realtime.Wire;

namespace Tests.Realtime;

/// <summary>A broker that delivers exactly what, when and in which order the test says.</summary>
internal sealed class MemoryChannels : IRoomChannels
{
    private readonly ConcurrentDictionary<RoomKey, List<IRoomSink>> _sinks = new();

    public event EventHandler? Restored;

    /// <summary>Awaited by each subscribe call, before it takes effect.</summary>
    public Func<Task> OnSubscribe { get; set; } = static () => Task.CompletedTask;

    public int Subscriptions(RoomKey room)
    {
        var sinks = Sinks(room);
        lock (sinks)
        {
            return sinks.Count;
        }
    }

    public async Task<IAsyncDisposable> SubscribeAsync(RoomKey room, IRoomSink sink, CancellationToken cancellationToken)
    {
        await OnSubscribe().WaitAsync(cancellationToken);
        var sinks = Sinks(room);
        lock (sinks)
        {
            sinks.Add(sink);
        }

        return new Subscription(sinks, sink);
    }

    /// <summary>The room's channels are those of another layout.</summary>
    public void Listen(RoomKey room, RoomLayout layout)
    {
        IRoomSink[] sinks;
        lock (Sinks(room))
        {
            sinks = [.. Sinks(room)];
        }

        foreach (var sink in sinks)
        {
            sink.Listens(layout);
        }
    }

    /// <summary>The connection was lost, and is restored.</summary>
    public void Restore()
    {
        Restored?.Invoke(this, EventArgs.Empty);
        foreach (var room in _sinks.Keys)
        {
            Interrupt(room);
        }
    }

    /// <summary>One room's connection was interrupted, and is restored.</summary>
    public void Interrupt(RoomKey room)
    {
        IRoomSink[] sinks;
        lock (Sinks(room))
        {
            sinks = [.. Sinks(room)];
        }

        foreach (var sink in sinks)
        {
            sink.Interrupted();
        }
    }

    /// <summary>One delivery; the bytes are copied, as each node has its own.</summary>
    public void Deliver(RoomKey room, byte[] envelope)
    {
        IRoomSink[] sinks;
        lock (Sinks(room))
        {
            sinks = [.. Sinks(room)];
        }

        foreach (var sink in sinks)
        {
            Assert.Equal(DecodeStatus.Ok, Envelope.TryDecode((byte[])envelope.Clone(), out var decoded));
            sink.Deliver(decoded);
            sink.Flush();
        }
    }

    public void Deliver(params MessageRecord[] messages)
    {
        foreach (var message in messages)
        {
            Deliver(new RoomKey(message.Tenant, message.Room), Envelopes.Of(message, publishedAt: 1, traceParent: null));
        }
    }

    private List<IRoomSink> Sinks(RoomKey room) => _sinks.GetOrAdd(room, static _ => []);

    private sealed class Subscription(List<IRoomSink> sinks, IRoomSink sink) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            lock (sinks)
            {
                sinks.Remove(sink);
            }

            return ValueTask.CompletedTask;
        }
    }
}
