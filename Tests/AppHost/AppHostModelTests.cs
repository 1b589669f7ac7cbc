using System.Globalization;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Contracts;
using Layouts.CommandLine;
using Microsoft.Extensions.Configuration.UserSecrets;
using ServiceDefaults.Identity;

namespace Tests.AppHost;

/// <summary>What the AppHost promises that no manifest says: replicas, order, health, and that PostgreSQL's connections suffice.</summary>
public sealed class AppHostModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dbman", 3, "dbman-db", "postgres")]
    [InlineData("realtime", 2, "redis", "dbman")]
    [InlineData("session", 1, "dbman")]
    [InlineData("chat", 2, "dbman")]
    [InlineData("fileman", 1, "dbman")]
    public async Task ServiceHasItsReplicasWaitsAndHealthCheck(string name, int replicas, params string[] waitsFor)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Token);
        var service = builder.Resources.Single(r => r.Name == name);

        Assert.Equal(replicas, service.GetReplicaCount());
        Assert.Equal(waitsFor.Order(), service.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource.Name).Distinct().Order());
        Assert.Contains("/health/ready", Assert.Single(service.Annotations.OfType<HealthCheckAnnotation>()).Key, StringComparison.Ordinal);
        Assert.Equal(name != "dbman", service.Annotations.OfType<EndpointAnnotation>().Single(e => e.Name == "http").IsExternal);
    }

    [Theory]
    [InlineData("session", 5101)]
    [InlineData("chat", 5102)]
    [InlineData("fileman", 5103)]
    [InlineData("realtime", 5104)]
    [InlineData("dbman", null)]
    public async Task ServiceHasItsDevelopmentPort(string name, int? port)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Token);

        var endpoint = builder.Resources.Single(r => r.Name == name).Annotations.OfType<EndpointAnnotation>().Single(e => e.Name == "http");

        Assert.Equal(port, endpoint.Port);
    }

    [Fact]
    public async Task CommandLineLooksForTheKey_WhereTheAppHostKeepsIt()
    {
        Assert.Equal(Connection.AppHostSecrets, typeof(Projects.AppHost).Assembly.GetCustomAttribute<UserSecretsIdAttribute>()!.UserSecretsId);
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Token);
        Assert.Contains(builder.Resources.OfType<ParameterResource>(), static parameter => parameter.Secret && "Parameters:" + parameter.Name == Connection.KeySecret);
    }

    /// <summary>Each service has its own key, which no other service gets, and all know the public half.</summary>
    [Fact]
    public async Task ServiceGetsItsOwnKey_AndThePublicKeysOfAll()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Token);
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        var lists = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            var variables = await EnvironmentOfAsync(builder, service);
            lists.Add(Assert.IsType<string>(variables["ConnectionStrings__service-keys"]));
            if (service.Name == ServiceNames.Dbman)
            {
                // It calls nobody.
                Assert.DoesNotContain("ConnectionStrings__service-key", variables.Keys);
                continue;
            }

            var key = Assert.IsType<ParameterResource>(variables["ConnectionStrings__service-key"]);
            Assert.True(key.Secret);
            seen.Add(service.Name, (await key.GetValueAsync(Token))!);
            Assert.Equal(service.Name == ServiceNames.Session, variables.ContainsKey("ConnectionStrings__signing-key-protection"));
        }

        Assert.Equal(4, seen.Values.Distinct(StringComparer.Ordinal).Count());
        Assert.True(ServiceKeyRing.TryRead(Assert.Single(lists), out var ring, out var error), error);
        Assert.All(seen, pair => Assert.NotNull(ring.Find(pair.Key, ServiceKey.ReadPrivate(pair.Value)!.KeyId)));
        Assert.True(ring.Knows(ServiceNames.Operator));
    }

    [Fact]
    public async Task PoolsOfAllReplicasFitIntoTheServersConnections()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(Token);
        var postgres = builder.Resources.Single(r => r.Name == "postgres");
        var arguments = new List<object>();
        foreach (var callback in postgres.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await callback.Callback(new CommandLineArgsCallbackContext(arguments, postgres, Token) { ExecutionContext = builder.ExecutionContext });
        }

        const string Setting = "max_connections=";
        var allowed = Number(arguments.OfType<string>().Single(a => a.StartsWith(Setting, StringComparison.Ordinal))[Setting.Length..]);
        var dbman = builder.Resources.Single(r => r.Name == "dbman");
        var environment = await EnvironmentOfAsync(builder, dbman);
        var pool = Number(environment["Dbman__Database__MaxPoolSize"]);
        var replicas = Number(environment["Dbman__Database__MaxReplicas"]);
        var reserve = Number(environment["Dbman__Database__ReservedConnections"]);

        Assert.True(replicas >= dbman.GetReplicaCount());
        Assert.True((pool * replicas) + reserve <= allowed, $"{pool} x {replicas} + {reserve} > {allowed}");

        static int Number(object value) => int.Parse((string)value, CultureInfo.InvariantCulture);
    }

    private static async Task<Dictionary<string, object>> EnvironmentOfAsync(IDistributedApplicationTestingBuilder builder, IResource service)
    {
        var environment = new EnvironmentCallbackContext(builder.ExecutionContext, service, cancellationToken: Token);
        foreach (var callback in service.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await callback.Callback(environment);
        }

        return environment.EnvironmentVariables;
    }
}
