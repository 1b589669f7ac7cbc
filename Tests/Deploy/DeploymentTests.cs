using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Chat.Web;
using Contracts;
using Contracts.Public;
using Contracts.Publish;
using k8s.Models;
using Npgsql;
using ServiceDefaults.Identity;
using Tests.Deploy.Rules;
using Tests.Infrastructure;

namespace Tests.Deploy;

/// <summary>That the deployment fits the system: its calls, its routes, its secrets, its connections.</summary>
public sealed partial class DeploymentTests(RenderedOverlays overlays, PublishedManifest published) : IClassFixture<RenderedOverlays>, IClassFixture<PublishedManifest>
{
    public static TheoryData<string> Overlays => [.. RenderedOverlays.Names];

    [Fact]
    public void NetworkPoliciesOpenTheCallsThatTheAppHostNames()
    {
        Assert.Equal(published.Manifest.Projects.Order(), NetworkRules.Calls.Keys.Order());
        Assert.All(NetworkRules.Calls, pair => Assert.Equal(published.Manifest.CalledBy(pair.Key).Order(), pair.Value.Order()));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void IngressSendsEveryPublicRouteToItsService_AndNoOther(string overlay)
    {
        var paths = overlays.Parse(overlay).Ingresses.SelectMany(static ingress => ingress.Spec.Rules.Single().Http.Paths).ToList();
        var routes = new[] { ("chat", typeof(ChatRoutes)), ("chat", typeof(WebRoutes)), ("session", typeof(SessionRoutes)), ("fileman", typeof(FileRoutes)) }
            .SelectMany(pair => Constants(pair.Item2).Select(route => (Service: pair.Item1, Route: route)))
            .Append(("realtime", RealtimeRoutes.WebSocket))
            .ToList();

        Assert.True(routes.Count > 20);
        Assert.All(paths, static path => Assert.Equal("http", path.Backend.Service.Port.Name));
        Assert.All(routes, route => Assert.Equal(route.Item1, Backend(route.Item2)));
        Assert.All((string[])["/metrics", "/health/ready", RealtimeRoutes.Publish, RealtimeRoutes.SessionRevoked, "/admin/v1/layouts"], path => Assert.Null(Backend(path)));

        static IEnumerable<string> Constants(Type routes) => routes.GetFields()
            .Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Where(v => v.StartsWith('/'));

        // As the API defines it: exact before prefix, the longest prefix first, whole segments.
        string? Backend(string path) => paths
            .Where(p => p.PathType == "Exact" ? p.Path == path : (path + "/").StartsWith(p.Path.TrimEnd('/') + "/", StringComparison.Ordinal))
            .OrderByDescending(p => p.PathType == "Exact").ThenByDescending(p => p.Path.Length)
            .FirstOrDefault()?.Backend.Service.Name;
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void IngressBuffersAllButUploadsAndSockets(string overlay)
    {
        var ingresses = overlays.Parse(overlay).Ingresses.ToList();
        Assert.Single(ingresses.Select(static ingress => ingress.Spec.Rules.Single().Host).Distinct());
        foreach (var ingress in ingresses)
        {
            var paths = ingress.Spec.Rules.Single().Http.Paths.Select(static path => path.Path).ToList();
            var isOfSockets = paths.Contains(RealtimeRoutes.WebSocket);
            Assert.True(paths.Count == 1 || !(isOfSockets || paths.Contains(FileRoutes.Files)), string.Join(", ", paths));
            Assert.Equal(isOfSockets ? "off" : "on", Annotation(ingress, "proxy-buffering"));
            if (!isOfSockets)
            {
                Assert.Equal(paths.Contains(FileRoutes.Files) ? "off" : "on", Annotation(ingress, "proxy-request-buffering"));
            }
        }

        static string? Annotation(V1Ingress ingress, string name) => ingress.Metadata.Annotations.TryGetValue("nginx.ingress.kubernetes.io/" + name, out var value) ? value : null;
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task SecretsScriptMakesWhatTheOverlayAndTheAppHostAskFor(string overlay)
    {
        var manifests = overlays.Parse(overlay);
        var text = await RenderedOverlays.RunAsync("/usr/bin/env", "DATABASE=Host=x;Password=a=b", "REDIS=x:6379,password=y", "bash", "secrets.sh", overlay, "--print");
        var secrets = Manifests.Parse(text).Documents.Cast<V1Secret>().ToDictionary(s => s.Name(), s => s.Data.Keys.ToHashSet());
        var wanted = manifests.Workloads.SelectMany(w => w.Pod.Spec.Containers).SelectMany(c => (IEnumerable<string?>)
        [
            .. (c.EnvFrom ?? []).Select(e => e.SecretRef?.Name), .. (c.Env ?? []).Select(e => e.ValueFrom?.SecretKeyRef?.Name),
        ]);

        Assert.Equal(wanted.OfType<string>().Distinct().Order(), secrets.Keys.Order());
        foreach (var (secret, key) in manifests.Workloads.SelectMany(w => w.Pod.Spec.Containers).SelectMany(c => c.Env ?? [])
            .Select(e => e.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>().Select(s => (s.Name, s.Key)))
        {
            Assert.Contains(key, secrets[secret]);
        }

        foreach (var project in published.Manifest.Projects)
        {
            Assert.Equal(published.Manifest.SecretsOf(project).Order(), secrets[$"{project}-secrets"].Order());
        }
    }

    [Fact]
    public async Task SecretsScriptMakesAKeyForEachService_AndListsThePublicHalves()
    {
        _ = overlays.Text("production");
        var operators = TestKeys.New();
        var text = await RenderedOverlays.RunAsync("/usr/bin/env", "DATABASE=Host=x", "REDIS=x:6379", $"OPERATOR_KEYS={operators.Public}", "bash", "secrets.sh", "production", "--print");
        var secrets = Manifests.Parse(text).Documents.Cast<V1Secret>()
            .ToDictionary(s => s.Name(), s => s.Data.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetString(pair.Value)));
        const string Own = "ConnectionStrings__" + ServiceNames.ServiceKey;
        const string Listed = "ConnectionStrings__" + ServiceNames.ServiceKeys;

        Assert.True(ServiceKeyRing.TryRead(Assert.Single(secrets.Values.Select(s => s[Listed]).Distinct()), out var ring, out var error), error);
        Assert.NotNull(ring.Find(ServiceNames.Operator, ServiceKey.ReadPublic(operators.Public)!.KeyId));
        var keys = secrets.Where(s => s.Value.ContainsKey(Own)).ToDictionary(s => s.Key[..^"-secrets".Length], s => s.Value[Own]);
        Assert.Equal(["chat", "fileman", "realtime", "session"], keys.Keys.Order());
        Assert.Equal(4, keys.Values.Distinct().Count());
        Assert.All(keys, pair => Assert.NotNull(ring.Find(pair.Key, ServiceKey.ReadPrivate(pair.Value)!.KeyId)));

        // No service has another's secret, in whole or in part.
        Assert.All(keys, pair => Assert.DoesNotContain(secrets.Where(s => s.Key != pair.Key + "-secrets").SelectMany(s => s.Value.Values), value => value.Contains(pair.Value, StringComparison.Ordinal)));
        Assert.Equal(["session-secrets"], secrets.Where(s => s.Value.ContainsKey("ConnectionStrings__signing-key-protection")).Select(s => s.Key));
    }

    [Fact]
    public async Task TrialSecretsFitTheServersThatAreThere()
    {
        var server = overlays.Parse("trial").StatefulSets.Single(s => s.Name() == "postgres").Spec.Template.Spec;
        var manifest = new NpgsqlConnectionStringBuilder(published.Manifest.Resolve("{dbman-db.connectionString}"));
        var text = await RenderedOverlays.RunAsync("bash", "secrets.sh", "trial", "--print");
        var secrets = Manifests.Parse(text).Documents.Cast<V1Secret>().ToDictionary(s => s.Name(), s => s.Data.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetString(pair.Value)));
        var connection = new NpgsqlConnectionStringBuilder(secrets["dbman-secrets"]["ConnectionStrings__dbman-db"]);

        Assert.Equal((manifest.Host, manifest.Port, manifest.Database), (connection.Host, connection.Port, connection.Database));
        Assert.Equal(connection.Database, server.Containers[0].Env.Single(e => e.Name == "POSTGRES_DB").Value);
        Assert.Equal(("dbman", secrets["postgres-secrets"]["DBMAN_PASSWORD"]), (connection.Username, connection.Password));
        Assert.NotEqual(secrets["postgres-secrets"]["POSTGRES_PASSWORD"], connection.Password);
        Assert.NotEqual(server.Containers[0].Env.Single(e => e.Name == "POSTGRES_USER").Value, connection.Username);
        Assert.Equal(
            "/docker-entrypoint-initdb.d",
            server.Containers[0].VolumeMounts.Single(m => m.Name == server.Volumes.Single(v => v.ConfigMap?.Name.StartsWith("postgres-init", StringComparison.Ordinal) == true).Name).MountPath);
    }

    [Fact]
    public void BroughtPostgresqlAllowsTheConnectionsThatAreNeeded()
    {
        var example = File.ReadAllText(Path.Combine(DeployFolder.Root, "overlays", "production", "examples", "postgresql.yaml"));
        var allowed = int.Parse(MaxConnections().Match(example).Groups["number"].Value, CultureInfo.InvariantCulture);

        Assert.True(ScalingRules.ConnectionsNeeded(overlays.Parse("production")) <= allowed);
    }

    [Fact]
    public void CustomMetricsHaveARuleEach()
    {
        var rules = File.ReadAllText(Path.Combine(DeployFolder.Root, "components", "custom-metrics", "rules.yaml"));
        var made = RuleName().Matches(rules).Select(m => m.Groups["name"].Value);
        var used = overlays.Parse("production").Autoscalers.SelectMany(h => h.Spec.Metrics).Where(m => m.Type == "Pods").Select(m => m.Pods.Metric.Name).ToList();

        Assert.Equal(5, used.Count);
        Assert.Equal(used.Order(), made.Order());
    }

    [GeneratedRegex(@"max_connections: ""(?<number>\d+)""", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex MaxConnections();

    [GeneratedRegex(@"name: \{as: (?<name>\w+)\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex RuleName();
}
