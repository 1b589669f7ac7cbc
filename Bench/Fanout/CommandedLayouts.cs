using System.Globalization;
using System.Text.Json;
using Contracts.Layouts;
using Contracts.Results;
using Realtime.Node;
using Realtime.Wire;

namespace Bench.Fanout;

/// <summary>
/// A control plane that takes its orders from the process's parent: a line of standard input is a <see cref="LayoutState"/> for all rooms, answered
/// by <c>applied</c> once the node acts on it. The parent ensures that no node is more than one behind. Every node has the lease.
/// </summary>
internal sealed class CommandedLayouts : ILayoutPlane
{
    /// <summary>Begins a line that sets the wire version.</summary>
    public const string WireCommand = "wire ";

    private readonly Lock _gate = new();
    private int _wireVersion = Envelope.WireVersion;
    private readonly List<LayoutRecord> _records = [];
    private long _said;

    /// <summary>Ends with the input.</summary>
    public async Task ListenAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            // What all nodes read, from the next heartbeat on.
            if (line.StartsWith(WireCommand, StringComparison.Ordinal))
            {
                Volatile.Write(ref _wireVersion, int.Parse(line[WireCommand.Length..], CultureInfo.InvariantCulture));
                continue;
            }

            var state = JsonSerializer.Deserialize<LayoutState>(line, JsonSerializerOptions.Web) ?? throw new InvalidOperationException($"'{line}' is no layout.");
            lock (_gate)
            {
                _records.Add(new LayoutRecord(_records.Count + 1, LayoutScope.All, state, "bench", null, DateTimeOffset.UnixEpoch));
            }
        }
    }

    public Task<ServiceResult<NodeHeartbeatResponse>> BeatAsync(string node, NodeHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (heartbeat.Applied == _records.Count && _said < _records.Count)
            {
                _said = _records.Count;
                Console.WriteLine("applied");
            }

            LayoutRecord[] news = heartbeat.Known < _records.Count ? [_records[^1]] : [];
            return Task.FromResult<ServiceResult<NodeHeartbeatResponse>>(new NodeHeartbeatResponse(
                Granted: true, new LayoutsResponse(_records.Count, news), Volatile.Read(ref _wireVersion)));
        }
    }

    public Task<ServiceResult<Unit>> LeaveAsync(string node, CancellationToken cancellationToken) => Task.FromResult<ServiceResult<Unit>>(default(Unit));
}
