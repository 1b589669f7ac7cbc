using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tests.Infrastructure;

/// <summary>A Redis Cluster of three masters on loopback, without replicas; started when a test needs it, gone with the tests.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;

    /// <summary>The cluster's own port is 10000 above the client's: both must exist.</summary>
    private const int HighestPort = 55_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redis-cluster-");
    private readonly List<Process> _servers = [];
    private readonly List<int> _ports = [];

    private RedisCluster()
    {
    }

    /// <summary>Ports of the masters on 127.0.0.1.</summary>
    public IReadOnlyList<int> Ports => _ports;

    public string ConnectionString => string.Join(',', _ports.Select(static port => $"127.0.0.1:{port}")) + ",abortConnect=false";

    /// <summary>Starts it; skips the test where there is no redis-server, except in CI.</summary>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken)
    {
        if (Find("redis-server") is not { } server || Find("redis-cli") is not { } cli)
        {
            const string Reason = "A cluster needs redis-server and redis-cli: apt-get install redis-server";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, Reason);
            Assert.Fail(Reason);
            throw new UnreachableException();
        }

        var cluster = new RedisCluster();
        try
        {
            for (var i = 0; i < Masters; i++)
            {
                cluster.StartServer(server);
            }

            await Eventually.ClearAsync(async () => await cluster.AllAsync(cli, "ping", "PONG", cancellationToken));
            await RunAsync(
                cli,
                ["--cluster", "create", .. cluster._ports.Select(static port => $"127.0.0.1:{port}"), "--cluster-replicas", "0", "--cluster-yes"],
                cancellationToken);
            await Eventually.ClearAsync(async () => await cluster.AllAsync(cli, "cluster info", "cluster_state:ok", cancellationToken));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
            server.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>A program on the PATH.</summary>
    internal static string? Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string command, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return output;
    }

    private void StartServer(string server)
    {
        var port = FreePort();
        _ports.Add(port);
        var data = _folder.CreateSubdirectory(port.ToString(CultureInfo.InvariantCulture)).FullName;
        var start = new ProcessStartInfo(
            server,
            [
                "--port", $"{port}", "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly", "no",
                "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--logfile", Path.Combine(data, "log"),
            ]);
        _servers.Add(Process.Start(start)!);
    }

    private static int FreePort()
    {
        while (true)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            if (((IPEndPoint)probe.LocalEndpoint).Port is var port and < HighestPort)
            {
                return port;
            }
        }
    }

    private async Task<string?> AllAsync(string cli, string command, string expected, CancellationToken cancellationToken)
    {
        foreach (var port in _ports)
        {
            var said = await RunAsync(cli, ["-p", $"{port}", .. command.Split(' ')], cancellationToken);
            if (!said.Contains(expected, StringComparison.Ordinal))
            {
                return $"{port} says to {command}: {said}";
            }
        }

        return null;
    }
}
