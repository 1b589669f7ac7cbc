using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Bench.Fanout;

/// <summary>Starts the processes of a run, publishes, measures, stops them.</summary>
internal static class FanoutRun
{
    /// <summary>A message's text begins with its time stamp in so many digits; the monotonic clock is the same for all processes of a machine.</summary>
    public const int StampDigits = 19;

    private const int TextBytes = 100;

    private static readonly List<Process> Started = [];

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var clients = arguments.Number("clients", 500);
        var rooms = arguments.Number("rooms", 1);
        var seconds = arguments.Number("seconds", 10);
        var signalR = arguments.Text("peer", "ours") == "signalr";
        try
        {
            var redisPort = FreePort();
            var redis = Start("redis-server", $"--port {redisPort} --bind 127.0.0.1 --save \"\" --appendonly no --loglevel warning");
            await ConnectableAsync(redisPort);
            var ports = Enumerable.Range(0, arguments.Number("nodes", 2)).Select(static _ => FreePort()).ToArray();
            var nodes = ports.Select(port => Self($"{(signalR ? "signalr-node" : "fanout-node")} --redis 127.0.0.1:{redisPort} --port {port}")).ToArray();
            foreach (var node in nodes)
            {
                await ReadyAsync(node);
            }

            var readers = Self($"fanout-clients --ports {string.Join(',', ports)} --clients {clients} --rooms {rooms} --peer {(signalR ? "signalr" : "ours")}");
            await ReadyAsync(readers);
            using var publisher = new Publisher(ports, rooms, arguments.Number("rate", 0), arguments.Number("in-flight", 8));
            publisher.Start();
            await Task.Delay(TimeSpan.FromSeconds(arguments.Number("warm-up", 15)), TimeProvider.System);
            await AskAsync(readers);
            var before = (Nodes: Cpu(nodes), Kernel: Kernel(nodes), Redis: Cpu([redis]), Writes: signalR ? 0d : await WritesAsync(ports), Published: publisher.Count, Time: Stopwatch.GetTimestamp());
            await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
            var counted = await AskAsync(readers);
            var elapsed = Stopwatch.GetElapsedTime(before.Time).TotalSeconds;
            var cpu = (Cpu(nodes) - before.Nodes).TotalMicroseconds;
            var kernel = (Kernel(nodes) - before.Kernel).TotalMicroseconds;
            var writes = signalR ? 0 : await WritesAsync(ports) - before.Writes;
            var redisCpu = (Cpu([redis]) - before.Redis).TotalMicroseconds;
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
        finally
        {
            foreach (var process in Enumerable.Reverse(Started))
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }

                process.Dispose();
            }
        }
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

    private static Process Self(string arguments) => Start(Environment.ProcessPath!, $"{Path.GetFullPath(typeof(FanoutRun).Assembly.Location)} {arguments}");

    private static Process Start(string file, string arguments)
    {
        // The runner may be the apphost itself, which takes no assembly.
        if (file == Environment.ProcessPath && Path.GetFileNameWithoutExtension(file) != "dotnet")
        {
            arguments = arguments[(arguments.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        }

        var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{file} did not start.");
        Started.Add(process);
        return process;
    }

    private static async Task ReadyAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "ready")
            {
                return;
            }

            Console.Error.WriteLine(line);
        }

        throw new InvalidOperationException("A process ended before it was ready.");
    }

    private static async Task<double[]> AskAsync(Process readers)
    {
        await readers.StandardInput.WriteLineAsync();
        await readers.StandardInput.FlushAsync();
        var line = await readers.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The readers are gone.");
        return [.. line.Split(' ').Select(static number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static TimeSpan Cpu(Process[] processes)
    {
        var total = TimeSpan.Zero;
        foreach (var process in processes)
        {
            process.Refresh();
            total += process.TotalProcessorTime;
        }

        return total;
    }

    private static TimeSpan Kernel(Process[] processes) =>
        processes.Aggregate(TimeSpan.Zero, static (total, process) => total + process.PrivilegedProcessorTime);

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
    private static async Task DumpAsync(int[] ports, long failures)
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ConnectableAsync(int port)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }

        throw new InvalidOperationException("Redis did not start.");
    }

    /// <summary>Publishes one message a call, to the nodes in turn.</summary>
    private sealed class Publisher : IDisposable
    {
        private readonly HttpClient[] _nodes;
        private readonly CancellationTokenSource _stop = new();
        private readonly int _rooms;
        private readonly int _rate;
        private readonly int _inFlight;
        private readonly long[] _seqs;
        private readonly List<Task> _workers = [];
        private long _count;
        private long _failures;

        public Publisher(int[] ports, int rooms, int rate, int inFlight)
        {
            _rooms = rooms;
            _rate = rate;
            _inFlight = inFlight;
            _seqs = new long[rooms];
            _nodes = [.. ports.Select(static port => new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") })];
            foreach (var node in _nodes)
            {
                node.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", FanoutNode.ServiceToken());
            }
        }

        public long Count => Interlocked.Read(ref _count);

        public long Failures => Interlocked.Read(ref _failures);

        public void Start()
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < _inFlight; i++)
            {
                var worker = i;
                _workers.Add(Task.Run(() => PublishAsync(worker, started), CancellationToken.None));
            }
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_workers);
        }

        public void Dispose()
        {
            foreach (var node in _nodes)
            {
                node.Dispose();
            }

            _stop.Dispose();
        }

        private async Task<bool> TryPublishAsync(HttpClient node, string body)
        {
            using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            try
            {
                using var response = await node.PostAsync(new Uri("/internal/v1/publish", UriKind.Relative), content, _stop.Token);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        private async Task PublishAsync(int worker, long started)
        {
            var node = _nodes[worker % _nodes.Length];
            try
            {
                for (long turn = worker; !_stop.IsCancellationRequested; turn += _inFlight)
                {
                    if (_rate > 0)
                    {
                        var wait = TimeSpan.FromSeconds((double)turn / _rate) - Stopwatch.GetElapsedTime(started);
                        if (wait > TimeSpan.FromMilliseconds(1))
                        {
                            await Task.Delay(wait, TimeProvider.System, _stop.Token);
                        }
                    }

                    var room = (int)(turn % _rooms);
                    var seq = Interlocked.Increment(ref _seqs[room]);
                    var text = Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture).PadLeft(StampDigits, '0').PadRight(TextBytes, 'x');
                    var body = $$"""{"messages":[{"tenant":"{{FanoutNode.Tenant}}","room":"r{{room}}","seq":{{seq}},"id":"m{{seq}}","sender":"u1","text":"{{text}}","sentAt":"2026-01-01T00:00:00Z"}],"system":[]}""";
                    while (!await TryPublishAsync(node, body))
                    {
                        // As Chat's relay would: a message that is left out holds up its room.
                        Interlocked.Increment(ref _failures);
                    }

                    Interlocked.Increment(ref _count);
                }
            }
            catch (OperationCanceledException)
            {
                // The run is over.
            }
        }
    }
}
