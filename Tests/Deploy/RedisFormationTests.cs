using System.Globalization;
using k8s.Models;
using Tests.Infrastructure;

namespace Tests.Deploy;

/// <summary>
/// The trial's Redis pods become a cluster: six servers with the command of the rendered StatefulSet, and the rendered script of redis-init, which finds them by the names that
/// the Service gives pods. Each has an address of its own on the loopback, and another one after a restart, as pods have.
/// </summary>
public sealed class RedisFormationTests(RenderedOverlays overlays) : IClassFixture<RenderedOverlays>, IAsyncLifetime
{
    private const string Password = "f0rm";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redis-formation-");
    private readonly List<ServerProcess> _servers = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task PodsFormACluster_AndFindEachOtherAgainAtOtherAddresses()
    {
        var manifests = overlays.Parse("trial");
        if (RedisCluster.Find("redis-server") is not { } server || RedisCluster.Find("redis-cli") is not { } cli)
        {
            Assert.True(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), "redis-server and redis-cli are needed.");
            Assert.Skip("redis-server and redis-cli are needed.");
            return;
        }

        var set = manifests.StatefulSets.Single(s => s.Name() == "redis");
        var script = manifests.Documents.OfType<V1Job>().Single(j => j.Name() == "redis-init").Spec.Template.Spec.Containers[0].Args.Single();

        Start(server, set, network: 1);
        await FormAsync(cli, set, script, network: 1);
        await AssertProbesPassAsync(set, network: 1);

        // The list of processes does not show the password.
        for (var pod = 0; pod < set.Spec.Replicas; pod++)
        {
            var id = (await SayAsync(cli, Address(1, pod), "info", "server")).Single(static line => line.StartsWith("process_id:", StringComparison.Ordinal)).Split(':')[1].Trim();
            Assert.DoesNotContain(Password, await File.ReadAllTextAsync($"/proc/{id}/cmdline", Token), StringComparison.Ordinal);
        }

        await Eventually.ClearAsync(async () => Shape(await NodesAsync(cli, Address(1, 0))) is var shape && shape == "3 masters, 3 replicas, 16384 slots" ? null : shape);

        await StopAsync();
        Start(server, set, network: 2);
        await FormAsync(cli, set, script, network: 2);
        for (var pod = 0; pod < set.Spec.Replicas; pod++)
        {
            var nodes = await NodesAsync(cli, Address(2, pod));
            Assert.All(nodes, static node => Assert.Contains(" connected", node, StringComparison.Ordinal));
            Assert.All(Enumerable.Range(0, set.Spec.Replicas!.Value), other => Assert.Contains(nodes, node => node.Contains($" {Address(2, other)}:6379@", StringComparison.Ordinal)));
        }
    }

    /// <summary>Of this process alone: other runs have their own.</summary>
    private static string Address(int network, int pod) =>
        string.Create(CultureInfo.InvariantCulture, $"127.{64 + (Environment.ProcessId >> 8 & 63)}.{Environment.ProcessId & 255}.{(network * 10) + pod}");

    private static string Shape(string[] nodes)
    {
        var masters = nodes.Where(static n => n.Contains("master", StringComparison.Ordinal) && n.Split(' ').Length > 8).ToList();
        var slots = masters.SelectMany(static n => n.Split(' ').Skip(8)).Select(static range => range.Split('-')).Sum(static r => int.Parse(r[^1], CultureInfo.InvariantCulture) - int.Parse(r[0], CultureInfo.InvariantCulture) + 1);
        return $"{masters.Count} masters, {nodes.Count(static n => n.Contains("slave", StringComparison.Ordinal))} replicas, {slots} slots";
    }

    private static Task<string[]> NodesAsync(string cli, string address) => SayAsync(cli, address, "cluster", "nodes");

    private static async Task<string[]> SayAsync(string cli, string address, params string[] words) =>
        (await RenderedOverlays.RunAsync("/usr/bin/env", [$"REDISCLI_AUTH={Password}", cli, "-h", address, .. words])).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void Start(string server, V1StatefulSet set, int network)
    {
        for (var pod = 0; pod < set.Spec.Replicas; pod++)
        {
            var disk = _folder.CreateSubdirectory(pod.ToString(CultureInfo.InvariantCulture)).FullName;
            var address = Address(network, pod);
            var container = set.Spec.Template.Spec.Containers[0];
            var script = Assert.Single(container.Args).TrimEnd()
                .Replace("/tmp/", disk + "/", StringComparison.Ordinal).Replace("/data", disk, StringComparison.Ordinal)
                .Replace("exec redis-server", "exec " + server, StringComparison.Ordinal);

            // A pod has one address; here it must be named.
            _servers.Add(ServerProcess.Start(
                "KILL",
                [.. container.Command, $"{script} --bind {address} --logfile {Path.Combine(disk, "log")}"],
                new Dictionary<string, string>(StringComparer.Ordinal) { ["POD_IP"] = address, ["REDIS_PASSWORD"] = Password }));
        }
    }

    private async Task StopAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _servers.Clear();
    }

    /// <summary>Runs the script as the Job does, with a redis-cli that resolves names as the cluster's DNS would.</summary>
    private async Task FormAsync(string cli, V1StatefulSet set, string script, int network)
    {
        var tools = _folder.CreateSubdirectory("bin").FullName;
        var wrapper = Path.Combine(tools, "redis-cli");
        var names = Enumerable.Range(0, set.Spec.Replicas!.Value).Select(pod => $"{set.Name()}-{pod}.{set.Spec.ServiceName}) word={Address(network, pod)} ;;");
        await File.WriteAllTextAsync(
            wrapper,
            $"#!/bin/sh\nfor word in \"$@\"; do case \"$word\" in {string.Join(' ', names)} esac; set -- \"$@\" \"$word\"; shift; done\nexec {cli} \"$@\"\n",
            Token);
        await RenderedOverlays.RunAsync("chmod", "+x", wrapper);
        await RenderedOverlays.RunAsync(
            "/usr/bin/env", $"REDISCLI_AUTH={Password}", $"PATH={tools}:{Environment.GetEnvironmentVariable("PATH")}", "timeout", "120", "/bin/sh", "-euc", script);
    }

    /// <summary>As the kubelet runs them, with the address that a pod need not name.</summary>
    private static async Task AssertProbesPassAsync(V1StatefulSet set, int network)
    {
        var container = set.Spec.Template.Spec.Containers[0];
        foreach (var probe in new[] { container.LivenessProbe, container.ReadinessProbe })
        {
            var command = probe.Exec.Command;
            Assert.Contains("PONG", await RenderedOverlays.RunAsync("/usr/bin/env", [$"REDISCLI_AUTH={Password}", command[0], "-h", Address(network, 0), .. command.Skip(1)]), StringComparison.Ordinal);
        }
    }
}
