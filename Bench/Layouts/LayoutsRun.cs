using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AppHost.Stores;
using Bench.Fanout;

namespace Bench.Layouts;

/// <summary>
/// What each stage of a migration and each number of shards costs: one hot room walks through all of them, on one Redis and on a cluster, and is
/// measured at every stop, once as fast as possible with a bounded number of messages in flight, and once at a rate that it takes easily. Rounds
/// repeat the walk; the table has medians, and ratios to the legacy channel of the same round.
/// </summary>
internal static class LayoutsRun
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        if (arguments.Has("broker-limit"))
        {
            return await LimitRun.RunAsync(arguments);
        }

        var rounds = arguments.Number("rounds", 3);
        var table = new LayoutsTable();
        var folder = Directory.CreateTempSubdirectory("bench-layouts-");
        try
        {
            using (var processes = new Processes())
            {
                Console.Error.WriteLine("one Redis");
                await WalkAsync(arguments, processes, await Brokers.SingleAsync(processes), rounds, table);
            }

            using (var processes = new Processes())
            {
                Console.Error.WriteLine("three masters");
                await WalkAsync(arguments, processes, await Brokers.ClusterAsync(processes, folder), rounds, table);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        table.Print(Console.Out);
        return 0;
    }

    private static async Task WalkAsync(Arguments arguments, Processes processes, Brokers brokers, int rounds, LayoutsTable table)
    {
        var ports = Enumerable.Range(0, arguments.Number("nodes", 2)).Select(static _ => LoopbackPorts.Free()).ToArray();
        var nodes = ports.Select(port => processes.Self($"fanout-node --redis {brokers.Endpoints} --cluster {brokers.IsCluster} --port {port}")).ToArray();
        foreach (var node in nodes)
        {
            await Processes.AwaitAsync(node, "ready");
        }

        var readers = processes.Self($"fanout-clients --ports {string.Join(',', ports)} --clients {arguments.Number("clients", 16)} --rooms 1");
        await Processes.AwaitAsync(readers, "ready");
        await using var receipts = await Receipts.ConnectAsync(ports, "r0");
        using var publisher = new Publisher(ports, rooms: 1, receipts.ReachedAsync);
        var full = new Pace(0, arguments.Number("in-flight", 16), arguments.Number("batch", 16));
        var paced = new Pace(arguments.Number("rate", 200), 8);
        var measure = new Measure(publisher, readers, nodes, brokers.Servers, Seconds("settle", 1), Seconds("seconds", 4));
        await measure.WarmAsync(full, Seconds("warm-up", 15));
        for (var round = 0; round < rounds; round++)
        {
            foreach (var point in LayoutPoint.Walk)
            {
                foreach (var node in nodes)
                {
                    await Processes.TellAsync(node, JsonSerializer.Serialize(point.State, JsonSerializerOptions.Web));
                }

                foreach (var node in nodes)
                {
                    await Processes.AwaitAsync(node, "applied");
                }

                if (point.Name is { } name)
                {
                    var row = new LayoutsRow(brokers.Name, round, name, await measure.RunAsync(full), await measure.RunAsync(paced));
                    table.Add(row);
                    Console.Error.WriteLine(row);
                }
            }
        }

        if (publisher.Failures > 0)
        {
            Console.Error.WriteLine($"{publisher.Failures} publish calls were refused and made again");
        }

        TimeSpan Seconds(string name, int fallback) => TimeSpan.FromSeconds(arguments.Number(name, fallback));
    }

    /// <summary>Loads the nodes for a while, and reads the clocks before and after.</summary>
    private sealed record Measure(Publisher Publisher, Process Readers, Process[] Nodes, IReadOnlyList<Process> Redis, TimeSpan Settle, TimeSpan Time)
    {
        public async Task WarmAsync(Pace pace, TimeSpan time)
        {
            Publisher.Start(pace);
            await Task.Delay(time, TimeProvider.System);
            await Publisher.StopAsync();
        }

        public async Task<LayoutsFigures> RunAsync(Pace pace)
        {
            Publisher.Start(pace);
            await Task.Delay(Settle, TimeProvider.System);
            await Processes.AskAsync(Readers);
            var redis = Redis.Select(Processes.Cpu).ToArray();
            var (nodes, published, started) = (Processes.Cpu(Nodes), Publisher.Count, Stopwatch.GetTimestamp());
            await Task.Delay(Time, TimeProvider.System);
            var counted = await Processes.AskAsync(Readers);
            var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var messages = Publisher.Count - published;
            var spent = Redis.Select((server, i) => (Processes.Cpu(server) - redis[i]).TotalMicroseconds).ToArray();
            var figures = new LayoutsFigures(
                messages / elapsed,
                counted[2],
                counted[3],
                spent.Sum() / messages,
                spent.Max() / Math.Max(1, spent.Sum()),
                (Processes.Cpu(Nodes) - nodes).TotalMicroseconds / messages);
            await Publisher.StopAsync();
            return figures;
        }
    }
}

/// <summary>What one load gave.</summary>
/// <param name="Rate">Messages a second.</param>
/// <param name="Median">Publish to receive, ms.</param>
/// <param name="P99">Publish to receive, ms.</param>
/// <param name="Redis">CPU of all brokers, microseconds a message.</param>
/// <param name="Busiest">Share of the busiest broker in that, 0 to 1.</param>
/// <param name="Nodes">CPU of all nodes, microseconds a message.</param>
/// <param name="Packets">Reads from and writes to sockets by all brokers, a message; 0: not counted.</param>
internal sealed record LayoutsFigures(double Rate, double Median, double P99, double Redis, double Busiest, double Nodes, double Packets = 0)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rate:0}/s, p50 {Median:0.0} p99 {P99:0.0} ms, Redis {Redis:0.00} us (busiest {Busiest:0%}), nodes {Nodes:0} us, {Packets:0.00} packets");
}

/// <summary>One stop of one walk.</summary>
internal sealed record LayoutsRow(string Brokers, int Round, string Layout, LayoutsFigures Full, LayoutsFigures Paced)
{
    public override string ToString() => $"{Brokers}, round {Round + 1}, {Layout}: full {Full}; paced {Paced}";
}
