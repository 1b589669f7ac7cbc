using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bench.Fanout;
using Contracts.Layouts;

namespace Bench.Layouts;

/// <summary>
/// How much a hot room carries when its brokers are the limit. Each broker is held to a share of a processor; the rate rises until the delay of
/// messages, or their number, gives way. Messages are sent when they are due, whatever became of those before, and their delay counts from then.
/// </summary>
/// <remarks>
/// What is not delivered is bounded: a load that leaves more than <see cref="MostUndelivered"/> messages behind has failed and ends at once. There is
/// no history here from which a node could fetch what it had to drop, and readers would wait for it for ever.
/// </remarks>
internal static class LimitRun
{
    private const int MostUndelivered = 3_000;
    private const double MostDelay = 400;
    private const double LeastDelivered = 0.97;
    private const double Step = 1.25;
    private const int Refinements = 3;

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var table = new LimitTable();
        var folder = Directory.CreateTempSubdirectory("bench-limit-");
        try
        {
            for (var round = 0; round < arguments.Number("rounds", 5); round++)
            {
                foreach (var masters in List(arguments.Text("masters", "1,3,6")))
                {
                    await MeasureAsync(arguments, folder, round, masters, table);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        table.Print(Console.Out);
        return 0;
    }

    private static async Task MeasureAsync(Arguments arguments, DirectoryInfo folder, int round, int masters, LimitTable table)
    {
        List<CpuGroup> groups = [];
        try
        {
            using var processes = new Processes();
            var brokers = masters == 1 ? await Brokers.SingleAsync(processes) : await Brokers.ClusterAsync(processes, folder, masters);
            var ports = Enumerable.Range(0, arguments.Number("nodes", 2)).Select(static _ => Processes.FreePort()).ToArray();
            var nodes = ports.Select(port => processes.Self($"fanout-node --redis {brokers.Endpoints} --cluster {brokers.IsCluster} --port {port}")).ToArray();
            foreach (var node in nodes)
            {
                await Processes.AwaitAsync(node, "ready");
            }

            var readers = processes.Self($"fanout-clients --ports {string.Join(',', ports)} --clients {arguments.Number("clients", 4)} --rooms 1");
            await Processes.AwaitAsync(readers, "ready");
            await using var receipts = await Receipts.ConnectAsync(ports, "r0");
            using var publisher = new Publisher(ports, rooms: 1);
            var rig = new Rig(ports, brokers, nodes, readers, publisher, receipts, TimeSpan.FromMilliseconds(arguments.Number("milliseconds", 2_500)));
            await rig.TryAsync(new Pace(4_000, 64, 16), TimeSpan.FromSeconds(arguments.Number("warm-up", 10)));

            // Not before: nodes and readers connect and warm up at full speed.
            var share = arguments.Number("broker-limit", 25) / 1_000d;
            groups.AddRange(brokers.Servers.Select(server => CpuGroup.Put(server, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1 / share))));
            var shards = masters == 1 ? [] : List(arguments.Text("shards", "4,8,16"));
            var current = LayoutRules.Legacy;
            foreach (var layout in (int[])[LayoutRules.Legacy, .. shards])
            {
                foreach (var state in LayoutPoint.Between(current, layout))
                {
                    await rig.ApplyAsync(state);
                }

                current = layout;
                foreach (var batch in List(arguments.Text("batches", "16,1")))
                {
                    foreach (var bytes in List(arguments.Text("bytes", "100,4096")))
                    {
                        foreach (var wire in List(arguments.Text("wires", "1,2")))
                        {
                            await rig.SpeakAsync(wire);
                            var key = new LimitKey(masters, layout, batch, bytes, wire);
                            var row = await SearchAsync(rig, key, round, table.Expected(key));
                            var legacy = table.Legacy(row);
                            var (atLegacy, _) = await rig.TryAsync(PaceOf(key, (int)(0.9 * legacy.Rate)));
                            table.Add(row with { AtLegacy = atLegacy });
                            Console.Error.WriteLine(row with { AtLegacy = atLegacy });
                        }
                    }
                }
            }
        }
        finally
        {
            groups.ForEach(static group => group.Dispose());
        }
    }

    private static async Task<LimitRow> SearchAsync(Rig rig, LimitKey key, int round, double expected)
    {
        var rate = expected;
        LayoutsFigures? best = null;
        var (low, high) = (0d, double.PositiveInfinity);
        for (var refined = 0; refined < Refinements;)
        {
            var (figures, holds) = await rig.TryAsync(PaceOf(key, (int)rate));
            if (holds)
            {
                (low, best) = (rate, figures);
            }
            else
            {
                high = rate;
            }

            if (low > 0 && double.IsFinite(high))
            {
                refined++;
            }

            rate = double.IsInfinity(high) ? rate * Step : low > 0 ? (low + high) / 2 : rate / Step;
            if (rate < 1)
            {
                throw new InvalidOperationException($"{key} carries nothing.");
            }
        }

        return new LimitRow(key, round, best!, best!);
    }

    private static Pace PaceOf(LimitKey key, int rate) => new(Math.Max(1, rate), 64, key.Batch, key.Bytes);

    private static int[] List(string text) => [.. text.Split(',').Select(static number => int.Parse(number, CultureInfo.InvariantCulture))];

    private sealed record Rig(int[] Ports, Brokers Brokers, Process[] Nodes, Process Readers, Publisher Publisher, Receipts Receipts, TimeSpan Time)
    {
        public async Task ApplyAsync(LayoutState state)
        {
            foreach (var node in Nodes)
            {
                await Processes.TellAsync(node, JsonSerializer.Serialize(state, JsonSerializerOptions.Web));
            }

            foreach (var node in Nodes)
            {
                await Processes.AwaitAsync(node, "applied");
            }
        }

        public async Task SpeakAsync(int wireVersion)
        {
            foreach (var node in Nodes)
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
            var redis = Brokers.Servers.Select(Processes.Cpu).ToArray();
            var (nodes, delivered, started) = (Processes.Cpu(Nodes), Receipts.Delivered, Stopwatch.GetTimestamp());
            isBehind = isBehind || await WatchAsync(time);
            var counted = await Processes.AskAsync(Readers);
            var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var messages = Math.Max(1, Receipts.Delivered - delivered);
            var spent = Brokers.Servers.Select((server, i) => (Processes.Cpu(server) - redis[i]).TotalMicroseconds).ToArray();
            var spentByNodes = (Processes.Cpu(Nodes) - nodes).TotalMicroseconds;
            await Publisher.StopAsync();
            try
            {
                await Receipts.ReachedAsync(Publisher.Begun).WaitAsync(Drain, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                Console.Error.WriteLine($"{Publisher.Begun - Receipts.Delivered} messages of {pace} are not delivered, from {Receipts.Delivered}");
                await FanoutRun.DumpAsync(Ports, Publisher.Failures);
                throw;
            }

            var figures = new LayoutsFigures(
                messages / elapsed,
                counted[2],
                counted[3],
                spent.Sum() / messages,
                spent.Max() / Math.Max(1, spent.Sum()),
                spentByNodes / messages);
            return (figures, !isBehind && Publisher.Failures == failures && counted[3] <= MostDelay && messages / elapsed >= LeastDelivered * pace.Rate);
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
}

/// <summary>What is measured.</summary>
/// <param name="Masters">Brokers.</param>
/// <param name="Layout">Shards; 0: the legacy channel.</param>
/// <param name="Batch">Messages a call.</param>
/// <param name="Bytes">Length of a message's text.</param>
/// <param name="Wire">What nodes read: 1 single messages, 2 bundles.</param>
internal sealed record LimitKey(int Masters, int Layout, int Batch, int Bytes, int Wire);

/// <summary>The highest rate that held, and the load at nine tenths of what the legacy channel carries.</summary>
internal sealed record LimitRow(LimitKey Key, int Round, LayoutsFigures Most, LayoutsFigures AtLegacy)
{
    public double Rate => Most.Rate;

    public override string ToString() => $"round {Round + 1}, {Key}: {Most}; at 0.9 of legacy: {AtLegacy}";
}
