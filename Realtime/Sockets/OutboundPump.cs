using System.Buffers;
using Realtime.Counting;
using Realtime.Fanout;
using Realtime.Wire;

namespace Realtime.Sockets;

/// <summary>
/// The only writer of a connection. Collects what there is to send into one buffer, control frames first, then messages of its rooms in turn, and
/// hands it to the socket in one write.
/// </summary>
/// <remarks>
/// States: idle; running (one thread, or one pending write, owns the pump); running with more to look at. A sender enters, or leaves the mark for the
/// owner, which looks again before it leaves: nothing is forgotten, and nobody waits. The buffer belongs to the thread. Only what a full socket does
/// not take is copied into a rented buffer that belongs to the connection until it is written, so a connection that keeps up holds no outbound
/// memory, and a slow one holds at most one batch.
/// </remarks>
internal sealed class OutboundPump : IThreadPoolWorkItem
{
    /// <summary>Longest batch; the longest frame fits. A signal that comes during a batch waits for this much at most.</summary>
    public const int BatchBytes = WireFrame.MaxLength + 16;

    /// <summary>Batches of one run: a connection that catches up lets others have the thread in between.</summary>
    private const int MaxBatchesPerRun = 4;

    /// <summary>Frames that one room gives before it is the next one's turn.</summary>
    private const int FramesPerTurn = 16;

    private const int Idle = 0;
    private const int Running = 1;
    private const int RunningWithMore = 2;

    /// <summary>One write in 64 records its delay: a histogram costs more than a write's share of everything else.</summary>
    private const uint SampleMask = 63;

    [ThreadStatic]
    private static byte[]? _batch;

    [ThreadStatic]
    private static uint _sample;

    private readonly IFrameWriter _writer;
    private readonly OutboundQueue _control;
    private readonly RealtimeTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly Action<Exception?> _lost;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _aborted;
    private int _state;
    private int _turn;

    // Replaced as a whole by the connection; read by the pump before it takes control frames (see Fill).
    private volatile Subscription[] _subscriptions = [];

    // Time stamp of the last progress while a write is pending; 0 when none is. Written by the owner, read by the sweep.
    private long _blockedSince;

    public OutboundPump(IFrameWriter writer, OutboundQueue control, RealtimeTelemetry telemetry, TimeProvider time, Action<Exception?> lost, CancellationToken aborted)
    {
        _writer = writer;
        _control = control;
        _telemetry = telemetry;
        _time = time;
        _lost = lost;
        _aborted = aborted;
    }

    /// <summary>Completes when the last frame has been written, or the connection is gone.</summary>
    public Task Finished => _finished.Task;

    /// <summary>The rooms of the connection. Set before a frame is queued that tells of a removed one; after, for an added one.</summary>
    public Subscription[] Subscriptions
    {
        get => _subscriptions;
        set => _subscriptions = value;
    }

    /// <summary>How long the socket has taken nothing although there is something to send.</summary>
    public TimeSpan Blocked => Volatile.Read(ref _blockedSince) is var since and not 0 ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Writes on this thread, unless the pump is owned.</summary>
    public void Run()
    {
        if (TryEnter())
        {
            Drain();
        }
    }

    /// <summary>Writes on a thread of the pool.</summary>
    public void Schedule()
    {
        if (TryEnter())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute() => Drain();

    private bool TryEnter()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Idle:
                    if (Interlocked.CompareExchange(ref _state, Running, Idle) == Idle)
                    {
                        return true;
                    }

                    break;
                case Running:
                    if (Interlocked.CompareExchange(ref _state, RunningWithMore, Running) == Running)
                    {
                        return false;
                    }

                    break;
                default:
                    return false;
            }
        }
    }

    private bool TryLeave()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Running) == Running)
        {
            return true;
        }

        Volatile.Write(ref _state, Running);
        return false;
    }

    /// <summary>
    /// The caller owns the pump. Never throws: a bug that one connection meets must not stop the round in which others are written.
    /// </summary>
    private void Drain()
    {
        try
        {
            WriteBatches();
        }
        catch (Exception exception)
        {
            End(lost: true, exception);
        }
    }

    private void WriteBatches()
    {
        var batch = _batch ??= GC.AllocateUninitializedArray<byte>(BatchBytes);
        for (var batches = 0; batches < MaxBatchesPerRun;)
        {
            var filled = Fill(batch, out var last);
            if (filled == 0)
            {
                if (TryLeave())
                {
                    return;
                }

                continue;
            }

            var written = _writer.TryWrite(batch.AsSpan(0, filled));
            if (written < 0)
            {
                End(lost: true);
                return;
            }

            if (written < filled)
            {
                // What a full socket still takes counts too.
                _telemetry.BytesSent.Add(written);
                _ = WriteRestAsync(batch.AsSpan(written, filled - written), last);
                return;
            }

            Written(filled);
            if (last)
            {
                End(lost: false);
                return;
            }

            batches++;
        }

        // Still owned: nobody else may enter until the next run.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>
    /// The next batch. The rooms are read before the control frames are taken: a room that was added is preceded by the frame that says so. A room
    /// that was removed is inactive before its frame is queued, and that is checked afterwards.
    /// </summary>
    private int Fill(Span<byte> batch, out bool last)
    {
        last = false;
        var subscriptions = _subscriptions;
        var filled = 0;
        if (!_control.IsEmpty)
        {
            filled = _control.Take(batch, out var empty, out last);
            if (last || !empty)
            {
                return filled;
            }
        }

        return subscriptions.Length == 0 ? filled : FillMessages(batch, subscriptions, filled);
    }

    private int FillMessages(Span<byte> batch, Subscription[] subscriptions, int filled)
    {
        var messages = 0;
        var newest = 0L;
        bool any;
        do
        {
            any = false;
            for (var i = 0; i < subscriptions.Length; i++)
            {
                _turn = _turn + 1 < subscriptions.Length ? _turn + 1 : 0;
                var subscription = subscriptions[_turn];
                for (var taken = 0; taken < FramesPerTurn && subscription.TryNext(batch.Length - filled, out var frame); taken++)
                {
                    frame.Bytes.CopyTo(batch[filled..]);
                    filled += frame.Length;
                    messages++;
                    newest = frame.PublishedAt;
                    any = true;
                }
            }
        }
        while (any && filled < batch.Length);

        if (messages > 0)
        {
            _telemetry.Delivered.Add(messages);
            if ((++_sample & SampleMask) == 0 && newest > 0)
            {
                _telemetry.DeliveryDelay((_time.GetUtcNow().ToUnixTimeMilliseconds() - (newest / 1_000d)) / 1_000d);
            }
        }

        return filled;
    }

    private void Written(int bytes)
    {
        _telemetry.BytesSent.Add(bytes);
        _telemetry.Writes.Add();
    }

    /// <summary>The socket is full: waits until it has taken the rest, then continues. The pump stays owned meanwhile.</summary>
    private Task WriteRestAsync(ReadOnlySpan<byte> rest, bool last)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(rest.Length);
        rest.CopyTo(buffer);
        return WriteRestAsync(buffer, rest.Length, last);
    }

    private async Task WriteRestAsync(byte[] buffer, int length, bool last)
    {
        try
        {
            for (var written = 0; written < length;)
            {
                Volatile.Write(ref _blockedSince, Math.Max(1, _time.GetTimestamp()));
                var sent = await _writer.WriteAsync(buffer.AsMemory(written, length - written), _aborted);
                Written(sent);
                written += sent;
            }
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The other side is gone, or we cut the connection.
            End(lost: true);
            return;
        }
        finally
        {
            Volatile.Write(ref _blockedSince, 0);
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (last)
        {
            End(lost: false);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Nothing is written from now on: the pump never gets an owner again.</summary>
    private void End(bool lost, Exception? exception = null)
    {
        _finished.TrySetResult();
        if (lost)
        {
            _lost(exception);
        }
    }
}
