using System.Diagnostics;
using System.Globalization;
using AppHost.Stores;

namespace Bench.Fanout;

/// <summary>Starts the processes of a run, publishes, measures, stops them.</summary>
internal static class FanoutRun
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var clients = arguments.Number("clients", 500);
        var rooms = arguments.Number("rooms", 1);
        var seconds = arguments.Number("seconds", 10);
        var signalR = arguments.Text("peer", "ours") == "signalr";
        using var processes = new Processes();
        var redisPort = LoopbackPorts.Free();
        var redis = processes.Start("redis-server", $"--port {redisPort} --bind 127.0.0.1 --save \"\" --appendonly no --loglevel warning");
        await Processes.ConnectableAsync(redisPort);
        var ports = Enumerable.Range(0, arguments.Number("nodes", 2)).Select(static _ => LoopbackPorts.Free()).ToArray();
        var nodes = ports.Select(port => processes.Self($"{(signalR ? "signalr-node" : "fanout-node")} --redis 127.0.0.1:{redisPort} --port {port}")).ToArray();
        foreach (var node in nodes)
        {
            await Processes.AwaitAsync(node, "ready");
        }

        var readers = processes.Self($"fanout-clients --ports {string.Join(',', ports)} --clients {clients} --rooms {rooms} --peer {(signalR ? "signalr" : "ours")} --order {arguments.Text("order", "server")}");
        await Processes.AwaitAsync(readers, "ready");
        using var publisher = new Publisher(ports, rooms);
        publisher.Start(new Pace(arguments.Number("rate", 0), arguments.Number("in-flight", 8)));
        await Task.Delay(TimeSpan.FromSeconds(arguments.Number("warm-up", 15)), TimeProvider.System);
        await Processes.AskAsync(readers);
        var before = (Nodes: Processes.Cpu(nodes), Kernel: Processes.Kernel(nodes), Redis: Processes.Cpu(redis), Writes: signalR ? 0d : await WritesAsync(ports), Published: publisher.Count, Time: Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        var counted = await Processes.AskAsync(readers);
        var elapsed = Stopwatch.GetElapsedTime(before.Time).TotalSeconds;
        var cpu = (Processes.Cpu(nodes) - before.Nodes).TotalMicroseconds;
        var kernel = (Processes.Kernel(nodes) - before.Kernel).TotalMicroseconds;
        var writes = signalR ? 0 : await WritesAsync(ports) - before.Writes;
        var redisCpu = (Processes.Cpu(redis) - before.Redis).TotalMicroseconds;
        var published = publisher.Count - before.Published;
        if (publisher.Failures > 0 || counted[0] == 0)
        {
            await DumpAsync(ports, publisher.Failures);
        }

        await publisher.StopAsync();
        Console.WriteLine(signalR ? "SignalR, JSON, Redis backplane" : "Realtime");
        Print(clients, rooms, elapsed, published, counted, cpu, kernel, writes, redisCpu, nodes);
        return 0;
    }

    private static void Print(int clients, int rooms, double elapsed, long published, double[] counted, double cpu, double kernel, double writes, double redisCpu, Process[] nodes)
    {
        var deliveries = counted[0];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {clients} clients, {rooms} rooms, {elapsed:0.0} s
            published   {published / elapsed:0}/s
            delivered   {deliveries / elapsed:0}/s ({deliveries / Math.Max(1, writes):0.0} frames a write, {deliveries / Math.Max(1, counted[1]):0.0} a read)
            CPU         {cpu / deliveries:0.00} us of nodes per delivery ({kernel / deliveries:0.00} in the kernel), {redisCpu / deliveries:0.00} us of Redis
            delay       p50 {counted[2]:0.0} ms, p99 {counted[3]:0.0} ms
            memory      {nodes.Sum(static node => node.WorkingSet64) / 1048576} MiB of nodes
            """));
    }

    /// <summary>Writes to sockets, by the nodes' own metrics.</summary>
    private static async Task<double> WritesAsync(int[] ports)
    {
        using var http = new HttpClient();
        var total = 0d;
        foreach (var port in ports)
        {
            var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
            foreach (var line in metrics.Split('\n'))
            {
                if (line.StartsWith("realtime_writes", StringComparison.Ordinal) && line.Contains('{', StringComparison.Ordinal))
                {
                    total += double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 2)..].Split(' ')[0], CultureInfo.InvariantCulture);
                }
            }
        }

        return total;
    }

    /// <summary>Something went wrong: what the nodes say about it.</summary>
    public static async Task DumpAsync(IReadOnlyList<int> ports, long failures)
    {
        Console.WriteLine($"{failures} publish calls failed");
        using var http = new HttpClient();
        foreach (var port in ports)
        {
            var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
            Console.WriteLine(string.Join('\n', metrics.Split('\n').Where(static line =>
                line.StartsWith("realtime_", StringComparison.Ordinal) && !line.Contains("_bucket", StringComparison.Ordinal))));
        }
    }
}
