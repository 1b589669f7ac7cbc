using Contracts.Frames;
using Contracts.Messages;
using Tests.Infrastructure;

namespace Tests.Realtime.Node;

/// <summary>Reads everything of one subscription, and notes what comes twice or out of order.</summary>
internal sealed class LayoutReader
{
    private readonly TestSocket _socket;
    private readonly bool _isOrdered;
    private readonly Lock _gate = new();
    private readonly HashSet<long> _messages = [];
    private readonly HashSet<string> _events = new(StringComparer.Ordinal);
    private readonly HashSet<long> _signals = [];
    private readonly List<string> _faults = [];
    private long _last;

    public LayoutReader(RoomKey room, TestSocket socket, bool isOrdered)
    {
        Room = room;
        _socket = socket;
        _isOrdered = isOrdered;
        Reading = ReadAsync();
    }

    public RoomKey Room { get; }

    /// <summary>Ends with the socket.</summary>
    public Task Reading { get; }

    /// <summary>Waits until all of it has come, and fails on anything that came twice, out of order, or was never sent.</summary>
    public async Task ExpectAsync(long messages, IReadOnlyList<string> events, IReadOnlyList<long> signals)
    {
        await Eventually.ClearAsync(() =>
        {
            lock (_gate)
            {
                var missing = Enumerable.Range(1, (int)messages).Select(static seq => (long)seq).Except(_messages).Count();
                var silent = events.Except(_events, StringComparer.Ordinal).ToArray();
                var lost = signals.Except(_signals).ToArray();
                return missing + silent.Length + lost.Length == 0
                    ? null
                    : $"{this} lacks {missing} of {messages} messages, {silent.Length} of {events.Count} events ({string.Join(' ', silent.Take(5))}), "
                        + $"{lost.Length} of {signals.Count} signals ({string.Join(' ', lost.Take(5))})";
            }
        });
        lock (_gate)
        {
            Assert.Empty(_faults);
            Assert.Equal(messages, _messages.Count);
            Assert.Equal(events.Count, _events.Count);
        }
    }

    public override string ToString() => $"{Room} {(_isOrdered ? "server" : "client")}-ordered";

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                Take(await _socket.NextAsync());
            }
        }
        catch (TimeoutException)
        {
            // The socket has ended; or nothing came for long, which the expectation finds.
        }
    }

    private void Take(ServerFrame frame)
    {
        lock (_gate)
        {
            switch (frame.Type)
            {
                case FrameTypes.Message:
                    if (!_messages.Add(frame.Seq!.Value))
                    {
                        _faults.Add($"message {frame.Seq} twice");
                    }

                    if (_isOrdered && frame.Seq != _last + 1)
                    {
                        _faults.Add($"message {frame.Seq} behind {_last}");
                    }

                    _last = frame.Seq.Value;
                    break;
                case FrameTypes.System when !_events.Add(frame.Id!):
                    _faults.Add($"event {frame.Id!} twice");
                    break;
                case FrameTypes.Signal when !_signals.Add(frame.Data!.Value.GetInt64()):
                    _faults.Add($"signal {frame.Data} twice");
                    break;
            }
        }
    }
}
