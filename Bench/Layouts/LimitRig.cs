using System.Diagnostics;
using System.Text.Json;
using AppHost.Stores;
using Bench.Fanout;
using Contracts.Layouts;

namespace Bench.Layouts;

/// <summary>One hot room on nodes of their own, with brokers that are held to a share of a processor.</summary>
/// <remarks>
/// What is not delivered is bounded: a load that leaves more than <see cref="MostUndelivered"/> messages behind has failed and ends at once. There is
/// no history here from which a node could fetch what it had to drop, and readers would wait for it for ever.
/// </remarks>
internal sealed class LimitRig : IAsyncDisposable
{
    private const int MostUndelivered = 3_000;
    private const double MostDelay = 400;
    private const double LeastDelivered = 0.97;

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(20);

    private readonly Processes _processes = new();
    private readonly List<CpuGroup> _groups = [];
    private int[] _ports = [];
    private Process[] _nodes = [];

    private LimitRig()
    {
    }

    public Brokers Brokers { get; private set; } = null!;

    public Process Readers { get; private set; } = null!;

    public Publisher Publisher { get; private set; } = null!;

    public Receipts Receipts { get; private set; } = null!;

    /// <summary>How long a load is measured.</summary>
    public TimeSpan Time { get; private set; }

    /// <param name="arguments">Of the command line.</param>
    /// <param name="folder">For what brokers write.</param>
    /// <param name="masters">1: one Redis; else a cluster.</param>
    public static async Task<LimitRig> StartAsync(Arguments arguments, DirectoryInfo folder, int masters)
    {
        var rig = new LimitRig { Time = TimeSpan.FromMilliseconds(arguments.Number("milliseconds", 2_500)) };
        try
        {
            await rig.StartAsync(arguments, masters, folder);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Receipts is not null)
        {
            await Receipts.DisposeAsync();
        }

        Publisher?.Dispose();
        _processes.Dispose();
        _groups.ForEach(static group => group.Dispose());
    }

    private async Task StartAsync(Arguments arguments, int masters, DirectoryInfo folder)
    {
        Brokers = masters == 1 ? await Brokers.SingleAsync(_processes) : await Brokers.ClusterAsync(_processes, folder, masters);
        _ports = [.. Enumerable.Range(0, arguments.Number("nodes", 2)).Select(static _ => LoopbackPorts.Free())];
        _nodes = [.. _ports.Select(port => _processes.Self($"fanout-node --redis {Brokers.Endpoints} --cluster {Brokers.IsCluster} --port {port}"))];
        foreach (var node in _nodes)
        {
            await Processes.AwaitAsync(node, "ready");
        }

        Readers = _processes.Self($"fanout-clients --ports {string.Join(',', _ports)} --clients {arguments.Number("clients", 4)} --rooms 1");
        await Processes.AwaitAsync(Readers, "ready");
        Receipts = await Receipts.ConnectAsync(_ports, "r0");
        Publisher = new Publisher(_ports, rooms: 1);
        await TryAsync(new Pace(4_000, 64, 16), TimeSpan.FromSeconds(arguments.Number("warm-up", 10)));

        // Not before: nodes and readers connect and warm up at full speed.
        var share = arguments.Number("broker-limit", 25) / 1_000d;
        _groups.AddRange(Brokers.Servers.Select(server => CpuGroup.Put(server, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1 / share))));
    }

    public async Task ApplyAsync(LayoutState state)
    {
        foreach (var node in _nodes)
        {
            await Processes.TellAsync(node, JsonSerializer.Serialize(state, JsonSerializerOptions.Web));
        }

        foreach (var node in _nodes)
        {
            await Processes.AwaitAsync(node, "applied");
        }
    }

    public async Task SpeakAsync(int wireVersion)
    {
        foreach (var node in _nodes)
        {
            await Processes.TellAsync(node, $"{CommandedLayouts.WireCommand}{wireVersion}");
        }

        // Heartbeats are far shorter.
        await Task.Delay(Settle, TimeProvider.System);
    }

    public Task<(LayoutsFigures Figures, bool Holds)> TryAsync(Pace pace) => TryAsync(pace, Time);

    /// <summary>What the load gave, and whether everything was delivered in time.</summary>
    public async Task<(LayoutsFigures Figures, bool Holds)> TryAsync(Pace pace, TimeSpan time)
    {
        var failures = Publisher.Failures;
        Publisher.Start(pace);
        var isBehind = await WatchAsync(Settle);
        await Processes.AskAsync(Readers);
        var (redis, packets) = (Brokers.Servers.Select(Processes.Cpu).ToArray(), await Brokers.PacketsAsync());
        var (nodes, delivered, started) = (Processes.Cpu(_nodes), Receipts.Delivered, Stopwatch.GetTimestamp());
        isBehind = isBehind || await WatchAsync(time);
        var counted = await Processes.AskAsync(Readers);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var messages = Math.Max(1, Receipts.Delivered - delivered);
        var spent = Brokers.Servers.Select((server, i) => (Processes.Cpu(server) - redis[i]).TotalMicroseconds).ToArray();
        var spentByNodes = (Processes.Cpu(_nodes) - nodes).TotalMicroseconds;
        packets = await Brokers.PacketsAsync() - packets;
        await Publisher.StopAsync();
        try
        {
            await Receipts.ReachedAsync(Publisher.Begun).WaitAsync(Drain, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Console.Error.WriteLine($"{Publisher.Begun - Receipts.Delivered} messages of {pace} are not delivered, from {Receipts.Delivered}");
            await FanoutRun.DumpAsync(_ports, Publisher.Failures);
            throw;
        }

        var figures = new LayoutsFigures(
            messages / elapsed,
            counted[2],
            counted[3],
            spent.Sum() / messages,
            spent.Max() / Math.Max(1, spent.Sum()),
            spentByNodes / messages,
            (double)packets / messages);
        return (figures, !isBehind && Publisher.Failures == failures && counted[3] <= MostDelay && messages / elapsed >= LeastDelivered * pace.Rate);
    }

    /// <summary>p99 of signals from one node to the others, in milliseconds, while messages are sent at a pace; null: none are.</summary>
    public async Task<double> SignalsAsync(Pace? pace)
    {
        if (pace is not null)
        {
            Publisher.Start(pace);
            await WatchAsync(Settle);
        }

        var delays = await Receipts.SignalsAsync("r0", perSecond: 40, Time + Time);
        if (pace is not null)
        {
            await Publisher.StopAsync();
            await Receipts.ReachedAsync(Publisher.Begun).WaitAsync(Drain, TimeProvider.System);
        }

        return delays[(int)((delays.Count - 1) * 0.99)];
    }

    /// <summary>Waits; true, and at once, when too much is undelivered.</summary>
    private async Task<bool> WatchAsync(TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            if (Publisher.Begun - Receipts.Delivered > MostUndelivered)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return false;
    }
}
