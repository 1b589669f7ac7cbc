using System.Reflection;
using Contracts;
using Contracts.Layouts;
using Microsoft.Extensions.Options;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Fanout;
using Realtime.Sockets;
using Realtime.Wire;
using ServiceDefaults.Waiting;

namespace Realtime.Node;

/// <summary>
/// Keeps this node in step with the layouts.
/// </summary>
/// <remarks>
/// <para>
/// Each heartbeat says which revision the node has applied, and brings what is new. Applying: all rooms listen to what the new layouts ask for;
/// publishes go by them; the last publish by the old ones has ended. Only then does the next heartbeat say so. Heartbeats continue meanwhile, so that
/// a long change costs no lease.
/// </para>
/// <para>
/// Crash cases. The node dies: its lease expires, and changes continue without it. It freezes or loses dbman for longer than its lease: the expired
/// lease alone stops its publishing, no code has to run. When it comes back, the control plane grants the lease only for the newest revision. If the
/// node was behind (passed over), its clients may have missed signals on channels that it was not subscribed to, so it asks them to reconnect (4005)
/// first. It cannot reach the broker: it cannot apply, and after <see cref="ControlPlaneOptions.ApplyPatience"/> it gives up its lease itself.
/// </para>
/// <para>Invariant: only an answer that grants the lease renews it, counted from before the heartbeat was sent.</para>
/// </remarks>
internal sealed class NodeAgent : BackgroundService
{
    private static readonly string? Software = typeof(NodeAgent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A node that starts without dbman listens all the same, to say why it is not ready.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    private readonly ILayoutPlane _plane;
    private readonly FigureReporter _reporter;
    private readonly NodeCounters _counters;
    private readonly ChannelLayouts _layouts;
    private readonly IChannelFollower _channels;
    private readonly NodeLease _lease;
    private readonly LayoutNews _news;
    private readonly SocketHub _hub;
    private readonly RoomFeeds _feeds;
    private readonly ControlPlaneOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Wakeup _poke;
    private readonly string _name;
    private readonly Lock _stopGate = new();
    private Task? _stopping;
    private readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The loop's own; Applied and Problem are read by others.
    private LayoutSnapshot _target;
    private long _applied = -1;
    private bool _isPassedOver;
    private string _node;
    private int _lives;
    private Task _applying = Task.CompletedTask;
    private long _applyingSince;
    private string? _problem = "The layouts have not been read yet.";

    public NodeAgent(
        ILayoutPlane plane,
        FigureReporter reporter,
        NodeCounters counters,
        ChannelLayouts layouts,
        IChannelFollower channels,
        NodeLease lease,
        LayoutNews news,
        SocketHub hub,
        RoomFeeds feeds,
        ConnectionServices connections,
        IOptions<ControlPlaneOptions> options,
        TimeProvider time,
        ILogger<NodeAgent> logger)
    {
        _plane = plane;
        _reporter = reporter;
        _counters = counters;
        _layouts = layouts;
        _channels = channels;
        _lease = lease;
        _news = news;
        _hub = hub;
        _feeds = feeds;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _poke = new Wakeup(time);
        _target = layouts.Listening;
        _name = _node = connections.Node;
        _news.LayoutChanged += OnLayoutChanged;
    }

    /// <summary>This process, as the control plane knows it. Another one after a lease was given up.</summary>
    public string Node => Volatile.Read(ref _node);

    /// <summary>Revision that this node has applied; -1: none.</summary>
    public long Applied => Interlocked.Read(ref _applied);

    /// <summary>What keeps the node from its lease, in words; null: nothing.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Something may be new: ask now.</summary>
    public void Poke() => _poke.Ring();

    /// <summary>Requests are taken once there is a lease, or once it is clear that there will be none.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_granted.Task, Task.Delay(StartPatience, _time, patience.Token));
        await patience.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// The node serves to the end of its drain and leaves only then. A host that is stopped twice at once leaves once: the first call to return
    /// disposes what the other needs.
    /// </summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_stopGate)
        {
            return _stopping ??= LeaveAsync(cancellationToken);
        }
    }

    public override void Dispose()
    {
        _news.LayoutChanged -= OnLayoutChanged;
        base.Dispose();
        _poke.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await BeatAsync(stoppingToken);
                await GiveUpWhenStuckAsync(stoppingToken);
                await _channels.SweepAsync(stoppingToken);
                await _poke.WaitAsync(_options.Heartbeat, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process; what is being applied ends with it.
            await _applying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _lease.End();
        using var timeout = new CancellationTokenSource(LeaveTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var left = await _plane.LeaveAsync(Node, either.Token);
            if (left.Problem is { } problem)
            {
                _logger.LeaveFailed(problem.Type, problem.Detail);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Its lease will expire.
            _logger.LeaveFailed("timeout", null);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var sentAt = _time.GetTimestamp();
        var beat = new NodeHeartbeat(
            Applied, _target.Revision, (int)_options.Lease.TotalMilliseconds, _feeds.Count, _hub.Count, Software, _channels.Following is var left and > 0 ? $"{left} rooms left" : null, WireVersion: Envelope.WireVersion);
        var result = await _reporter.BeatAsync(Node, beat, cancellationToken);
        if (!result.TryGet(out var answer, out var problem))
        {
            Report($"The control plane does not answer: {problem.Type} {problem.Detail}");
            _logger.BeatFailed(problem.Type, problem.Detail);
            return;
        }

        _layouts.ReadBundles = answer.WireVersion >= Bundle.Since;
        if (answer.Layouts.Revision > _target.Revision)
        {
            _target = _target.With(answer.Layouts);
        }

        if (answer.Granted)
        {
            Grant(sentAt);
        }
        else
        {
            // Behind, and without a lease: the others continued without this node. Also a new node may have clients by then, who came before its
            // first lease.
            _isPassedOver = true;
            Report("Without a lease until the newest layouts are applied.");
        }

        if (_applying.IsCompleted && (Applied < _target.Revision || Applied < 0))
        {
            _applyingSince = _time.GetTimestamp();
            _applying = ApplyAsync(_target, cancellationToken);
        }
    }

    private void Grant(long sentAt)
    {
        if (_isPassedOver)
        {
            _isPassedOver = false;
            _logger.PassedOver(_hub.Count);
            foreach (var connection in _hub.Connections)
            {
                connection.Close(CloseCodes.BackendLost, "Layouts changed while this node had no lease.");
            }
        }

        _lease.Prolong(sentAt, _options.Lease);
        _granted.TrySetResult();
        Report(null);
    }

    /// <summary>
    /// In this order: nobody publishes by the new layouts here before everything is listened to, and nothing by the old ones is under way when it is
    /// reported.
    /// </summary>
    private async Task ApplyAsync(LayoutSnapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            // First: what is published or compared under the new layouts is counted.
            _counters.Follow(snapshot.Records);
            _layouts.Listening = snapshot;
            await _channels.FollowAsync(cancellationToken);
            await _layouts.PublishByAsync(snapshot).WaitAsync(cancellationToken);
            Interlocked.Exchange(ref _applied, snapshot.Revision);
            _logger.LayoutsApplied(snapshot.Revision, _time.GetElapsedTime(_applyingSince));
            Poke();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A bug; the next heartbeat tries again, and a change that waits says for whom.
            _logger.ApplyFailed(snapshot.Revision, exception);
        }
    }

    private async Task GiveUpWhenStuckAsync(CancellationToken cancellationToken)
    {
        if (_applying.IsCompleted || !_lease.Holds || _time.GetElapsedTime(_applyingSince) < _options.ApplyPatience)
        {
            return;
        }

        // First: when others learn that this node has left, it must be true.
        _lease.End();
        _isPassedOver = true;
        var leaving = Node;

        // Comes back under another id: a late notice of leaving must not take a lease that was granted after it.
        _node = $"{_name}-{++_lives}";
        Report($"Layouts {_target.Revision} cannot be applied: {_channels.Following} rooms left. The lease was given up.");
        _logger.LeaseGivenUp(_target.Revision, _channels.Following);
        var left = await _plane.LeaveAsync(leaving, cancellationToken);
        if (left.Problem is { } problem)
        {
            _logger.LeaveFailed(problem.Type, problem.Detail);
        }
    }

    private void OnLayoutChanged(object? sender, EventArgs args) => Poke();

    private void Report(string? problem) => Volatile.Write(ref _problem, problem);
}
