using System.Diagnostics;
using System.Globalization;
using AppHost.Stores;

namespace Tests.Infrastructure;

/// <summary>A Redis Cluster of three masters on loopback, with or without a replica each; started when a test needs it, gone with the tests.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;

    /// <summary>A server gives up a manual failover after 5 s.</summary>
    private static readonly TimeSpan FailoverLimit = TimeSpan.FromSeconds(6);

    private const int MaxFailovers = 5;

    /// <summary>For one command of redis-cli; forming a cluster takes it some seconds.</summary>
    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redis-cluster-");
    private readonly Dictionary<int, Process> _servers = [];
    private readonly List<int> _ports = [];
    private readonly string _server;
    private readonly string _cli;

    private RedisCluster(string server, string cli)
    {
        _server = server;
        _cli = cli;
    }

    /// <summary>Ports of the servers on 127.0.0.1; the first three begin as masters.</summary>
    public IReadOnlyList<int> Ports => _ports;

    public string ConnectionString => string.Join(',', _ports.Select(static port => $"127.0.0.1:{port}")) + ",abortConnect=false";

    /// <summary>Starts it; skips the test where there is no redis-server, except in CI.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="replicas">Replicas of each master.</param>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken, int replicas = 0)
    {
        if (Find("redis-server") is not { } server || Find("redis-cli") is not { } cli)
        {
            const string Reason = "A cluster needs redis-server and redis-cli: apt-get install redis-server";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, Reason);
            Assert.Fail(Reason);
            throw new UnreachableException();
        }

        var cluster = new RedisCluster(server, cli);
        try
        {
            for (var i = 0; i < Masters * (1 + replicas); i++)
            {
                // The previous server may not listen yet, and its port must not be picked twice.
                var port = LoopbackPorts.Free(LoopbackPorts.ClusterBus);
                while (cluster._ports.Contains(port))
                {
                    port = LoopbackPorts.Free(LoopbackPorts.ClusterBus);
                }

                cluster._ports.Add(port);
                cluster.StartServer(port);
            }

            await Eventually.ClearAsync(() => cluster.AllAsync(cluster._ports, "ping", "PONG", cancellationToken));
            await RunAsync(
                cli,
                ["--cluster", "create", .. cluster._ports.Select(static port => $"127.0.0.1:{port}"), "--cluster-replicas", $"{replicas}", "--cluster-yes"],
                cancellationToken);
            await cluster.IsWellAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Port of the master that has a channel's slot, as the other masters see it.</summary>
    public async Task<int> MasterOfAsync(string channel, CancellationToken cancellationToken)
    {
        var slot = await SlotOfAsync(channel, cancellationToken);
        return (await MembersAsync(cancellationToken)).Single(member => member.IsMaster && member.Has(slot)).Port;
    }

    /// <summary>As redis-cli does: import, migrate (there are no keys), and tell every server the new owner.</summary>
    public async Task MoveSlotAsync(string channel, CancellationToken cancellationToken)
    {
        var slot = $"{await SlotOfAsync(channel, cancellationToken)}";
        var masters = (await MembersAsync(cancellationToken)).Where(static member => member.IsMaster).ToArray();
        var from = masters.Single(member => member.Has(int.Parse(slot, CultureInfo.InvariantCulture)));
        var to = masters[(Array.IndexOf(masters, from) + 1) % masters.Length];
        await OkAsync(to.Port, ["cluster", "setslot", slot, "importing", from.Id], cancellationToken);
        await OkAsync(from.Port, ["cluster", "setslot", slot, "migrating", to.Id], cancellationToken);
        foreach (var member in (Member[])[to, from, .. masters.Where(master => master != to && master != from)])
        {
            await OkAsync(member.Port, ["cluster", "setslot", slot, "node", to.Id], cancellationToken);
        }
    }

    /// <summary>The replica of a channel's master takes over, while that master lives on and becomes its replica.</summary>
    public async Task FailOverAsync(string channel, CancellationToken cancellationToken)
    {
        // A replica that does not follow yet is refused.
        await IsWellAsync(cancellationToken);
        var members = await MembersAsync(cancellationToken);
        var slot = await SlotOfAsync(channel, cancellationToken);
        var master = members.Single(member => member.IsMaster && member.Has(slot));
        var replica = members.First(member => member.MasterId == master.Id);
        for (var tries = 1; ; tries++)
        {
            await OkAsync(replica.Port, ["cluster", "failover"], cancellationToken);
            using var limit = new CancellationTokenSource(FailoverLimit, TimeProvider.System);
            try
            {
                await Eventually.ClearByAsync(limit.Token, () => TakenOverAsync(slot, master.Port, cancellationToken));
                return;
            }
            catch (TimeoutException) when (tries < MaxFailovers)
            {
                // Masters vote for the replicas of one master only once in twice the node timeout.
            }
        }
    }

    /// <summary>A channel's master is killed; completes when its replica has taken over.</summary>
    /// <returns>Port of the killed server, for <see cref="RestartAsync"/>.</returns>
    public async Task<int> KillMasterAsync(string channel, CancellationToken cancellationToken)
    {
        var slot = await SlotOfAsync(channel, cancellationToken);
        var port = await MasterOfAsync(channel, cancellationToken);
        await StopAsync(port);
        await Eventually.ClearAsync(() => TakenOverAsync(slot, port, cancellationToken));
        return port;
    }

    /// <summary>A channel's master is frozen (SIGSTOP), with all its connections; completes when its replica has taken over.</summary>
    /// <returns>Resumes it (SIGCONT), and waits until it has learned that it is a replica now.</returns>
    public async Task<Func<Task>> FreezeMasterAsync(string channel, CancellationToken cancellationToken)
    {
        var slot = await SlotOfAsync(channel, cancellationToken);
        var port = await MasterOfAsync(channel, cancellationToken);
        var process = $"{_servers[port].Id}";
        await RunAsync("kill", ["-STOP", process], cancellationToken);
        try
        {
            await Eventually.ClearAsync(() => TakenOverAsync(slot, port, cancellationToken));
        }
        catch
        {
            await RunAsync("kill", ["-CONT", process], CancellationToken.None);
            throw;
        }

        return async () =>
        {
            await RunAsync("kill", ["-CONT", process], cancellationToken);
            await IsWellAsync(cancellationToken);
        };
    }

    /// <summary>A killed server comes back, empty, as a replica; completes when the cluster is as it was, with roles exchanged.</summary>
    public async Task RestartAsync(int port, CancellationToken cancellationToken)
    {
        StartServer(port);
        await IsWellAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var port in _servers.Keys.ToArray())
        {
            await StopAsync(port);
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>A program on the PATH.</summary>
    internal static string? Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string command, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        (await Tool.TryRunAsync([command, .. arguments], ToolLimit, cancellationToken))!.Output;

    private void StartServer(int port)
    {
        var data = _folder.CreateSubdirectory(port.ToString(CultureInfo.InvariantCulture)).FullName;

        // As the runbook asks for: a master that has lost the others accepts no publishes that nobody receives; the other slots stay up while one
        // master is gone.
        var start = new ProcessStartInfo(
            _server,
            [
                "--port", $"{port}", "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0",
                "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-allow-pubsubshard-when-down", "no",
                "--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no", "--cluster-replica-validity-factor", "0", "--logfile", Path.Combine(data, "log"),
            ]);
        _servers.Add(port, Process.Start(start)!);
    }

    private string Log(int port)
    {
        var log = Path.Combine(_folder.FullName, port.ToString(CultureInfo.InvariantCulture), "log");
        return File.Exists(log) ? File.ReadAllText(log) : "It has written no log.";
    }

    private async Task StopAsync(int port)
    {
        if (_servers.Remove(port, out var server))
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
            server.Dispose();
        }
    }

    /// <summary>All servers are there, all slots have masters, and every replica follows its own.</summary>
    private async Task IsWellAsync(CancellationToken cancellationToken)
    {
        await Eventually.ClearAsync(() => AllAsync(_servers.Keys, "cluster info", "cluster_state:ok", cancellationToken));
        await Eventually.ClearAsync(async () =>
        {
            foreach (var port in _servers.Keys)
            {
                var members = await MembersAsync(port, cancellationToken);
                if (members.Count != _servers.Count || members.Any(static member => member.IsGone) || members.Count(static member => member.IsMaster) != Masters)
                {
                    return $"{port} sees {string.Join(", ", members)}";
                }
            }

            var replicas = (await MembersAsync(cancellationToken)).Where(static member => !member.IsMaster).Select(static member => member.Port).ToArray();
            return await AllAsync(replicas, "info replication", "master_link_status:up", cancellationToken);
        });
    }

    private async Task<string?> TakenOverAsync(int slot, int before, CancellationToken cancellationToken)
    {
        foreach (var port in _servers.Keys.Where(port => port != before))
        {
            var members = await MembersAsync(port, cancellationToken);
            if (members.FirstOrDefault(member => member.IsMaster && !member.IsGone && member.Has(slot)) is not { } master || master.Port == before)
            {
                return $"nobody has taken slot {slot} over from {before}, as {port} sees it: {string.Join(", ", members)}";
            }
        }

        return null;
    }

    private async Task<int> SlotOfAsync(string channel, CancellationToken cancellationToken) =>
        int.Parse((await SayAsync(_servers.Keys.First(), ["cluster", "keyslot", channel], cancellationToken)).Trim(), CultureInfo.InvariantCulture);

    private Task<IReadOnlyList<Member>> MembersAsync(CancellationToken cancellationToken) => MembersAsync(_servers.Keys.First(), cancellationToken);

    private async Task<IReadOnlyList<Member>> MembersAsync(int port, CancellationToken cancellationToken) =>
    [
        .. (await SayAsync(port, ["cluster", "nodes"], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Member.Parse),
    ];

    private Task<string> SayAsync(int port, IEnumerable<string> words, CancellationToken cancellationToken) => RunAsync(_cli, ["-p", $"{port}", .. words], cancellationToken);

    private async Task OkAsync(int port, string[] words, CancellationToken cancellationToken)
    {
        var said = await SayAsync(port, words, cancellationToken);
        Assert.True(said.StartsWith("OK", StringComparison.Ordinal), $"{port} says to {string.Join(' ', words)}: {said}");
    }

    private async Task<string?> AllAsync(IEnumerable<int> ports, string command, string expected, CancellationToken cancellationToken)
    {
        foreach (var port in ports)
        {
            var said = await SayAsync(port, command.Split(' '), cancellationToken);
            if (!said.Contains(expected, StringComparison.Ordinal))
            {
                if (_servers.TryGetValue(port, out var server) && server.HasExited)
                {
                    Assert.Fail($"The server on port {port} has ended with {server.ExitCode}: {Log(port)}");
                }

                return $"{port} says to {command}: {said}";
            }
        }

        return null;
    }

    /// <summary>A line of CLUSTER NODES.</summary>
    private sealed record Member(string Id, int Port, bool IsMaster, bool IsGone, string MasterId, IReadOnlyList<(int First, int Last)> Slots)
    {
        /// <summary>Fields of a line before its slots.</summary>
        private const int SlotsField = 8;

        public static Member Parse(string line)
        {
            var fields = line.Split(' ');
            var flags = fields[2].Split(',');
            var address = fields[1].Split('@')[0];
            return new Member(
                fields[0],
                int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture),
                flags.Contains("master", StringComparer.Ordinal),
                flags.Any(static flag => flag is "fail" or "fail?" or "handshake" or "noaddr"),
                fields[3],
                [.. fields.Skip(SlotsField).Where(static field => !field.StartsWith('[')).Select(Range)]);
        }

        public bool Has(int slot) => Slots.Any(range => slot >= range.First && slot <= range.Last);

        public override string ToString() => $"{Port} {(IsMaster ? "master" : "replica")}{(IsGone ? " (gone)" : string.Empty)}";

        private static (int First, int Last) Range(string field)
        {
            var ends = field.Split('-');
            return (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[^1], CultureInfo.InvariantCulture));
        }
    }
}
