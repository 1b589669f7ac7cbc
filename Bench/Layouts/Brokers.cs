using System.Diagnostics;
using System.Globalization;
using AppHost.Stores;

namespace Bench.Layouts;

/// <summary>One Redis, or a Redis Cluster.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="IsCluster">Whether sharded pub/sub is used.</param>
/// <param name="Servers">Their processes.</param>
/// <param name="Endpoints">Connection string.</param>
internal sealed record Brokers(string Name, bool IsCluster, IReadOnlyList<Process> Servers, string Endpoints)
{
    /// <summary>How often all of them have read from or written to sockets.</summary>
    public async Task<long> PacketsAsync()
    {
        var said = await Task.WhenAll(Endpoints.Split(',').Select(static endpoint => Processes.RunAsync("redis-cli", $"-p {endpoint[(endpoint.IndexOf(':') + 1)..]} info stats")));
        return said.SelectMany(static stats => stats.Split("\r\n"))
            .Where(static line => line.StartsWith("total_reads_processed:", StringComparison.Ordinal) || line.StartsWith("total_writes_processed:", StringComparison.Ordinal))
            .Sum(static line => long.Parse(line[(line.IndexOf(':') + 1)..], CultureInfo.InvariantCulture));
    }

    public static async Task<Brokers> SingleAsync(Processes processes)
    {
        var port = LoopbackPorts.Free();
        var redis = processes.Start("redis-server", Settings(port));
        await Processes.ConnectableAsync(port);
        return new Brokers("one Redis", IsCluster: false, [redis], $"127.0.0.1:{port}");
    }

    public static async Task<Brokers> ClusterAsync(Processes processes, DirectoryInfo folder, int masters = 3)
    {
        List<Process> servers = [];
        List<int> ports = [];
        while (ports.Count < masters)
        {
            var port = LoopbackPorts.Free(LoopbackPorts.ClusterBus);
            ports.Add(port);
            servers.Add(processes.Start("redis-server", $"{Settings(port)} --dir {folder.CreateSubdirectory($"{port}").FullName} --cluster-enabled yes"));
            await Processes.ConnectableAsync(port);
        }

        var endpoints = ports.Select(static port => $"127.0.0.1:{port}").ToArray();
        await Processes.RunAsync("redis-cli", $"--cluster create {string.Join(' ', endpoints)} --cluster-replicas 0 --cluster-yes");
        for (var tries = 0; ; tries++)
        {
            var states = await Task.WhenAll(ports.Select(static port => Processes.RunAsync("redis-cli", $"-p {port} cluster info")));
            if (states.All(static state => state.Contains("cluster_state:ok", StringComparison.Ordinal)))
            {
                return new Brokers($"{masters} masters", IsCluster: true, servers, string.Join(',', endpoints));
            }

            if (tries == 100)
            {
                throw new InvalidOperationException("The cluster did not form.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    private static string Settings(int port) => $"--port {port} --bind 127.0.0.1 --save \"\" --appendonly no --loglevel warning";
}
