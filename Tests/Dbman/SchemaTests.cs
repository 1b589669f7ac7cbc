using Dbman.Schema;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class SchemaTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryScriptIsAppliedOnce_WhenManyReplicasStartAtOnce()
    {
        await using var database = await servers.CreateEmptyDatabaseAsync(Token);
        var apps = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(_ => DbmanApp.StartUnready(database.ConnectionString)).ToArray();
        try
        {
            await Task.WhenAll(apps.Select(static app => app.WaitForReadyAsync(Token)));

            Assert.Equal(
                string.Join(',', SchemaScripts.Known),
                await database.ReadAsync<string>("SELECT string_agg(scriptname, ',' ORDER BY schemaversionsid) FROM schema_versions", Token));
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task ReplicaStaysReady_WhenTheSchemaIsNewerThanItKnows()
    {
        await using var database = await servers.CreateEmptyDatabaseAsync(Token);
        await using var old = await DbmanApp.StartAsync(database, Token);

        await database.ExecuteAsync("INSERT INTO schema_versions (scriptname, applied) VALUES ('9999_future.sql', now())", Token);

        await old.WaitForReadyAsync(Token);
        await using var another = await DbmanApp.StartAsync(database, Token);
        await another.Client.TenantAsync(Token);
    }

    [Fact]
    public async Task SchemaIsAppliedAgain_WhenItIsGone()
    {
        await using var database = await servers.CreateEmptyDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        await app.Client.TenantAsync(Token);

        await database.ExecuteAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public", Token);

        await app.WaitForUnreadyAsync(Token);
        await app.WaitForReadyAsync(Token);
        await app.Client.TenantAsync(Token);
    }

    [Fact]
    public async Task ReplicaIsNotReadyAndSaysWhy_WhenAllReplicasWouldNotFitIntoTheServer()
    {
        await using var database = await servers.CreateEmptyDatabaseAsync(Token);
        await using var app = DbmanApp.StartUnready(database.ConnectionString, ("Dbman:Database:MaxReplicas", "1000"));

        var body = "";
        await Sql.EventuallyAsync(
            async () =>
            {
                using var response = await app.Anonymous.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
                body = await response.Content.ReadAsStringAsync(Token);
                return (body.Contains("max_connections", StringComparison.Ordinal), body);
            },
            Token);

        Assert.Contains("Dbman:Database:MaxReplicas (1000) x MaxPoolSize (20)", body, StringComparison.Ordinal);
        Assert.Contains("ReservedConnections (10) need 20010", body, StringComparison.Ordinal);
        using var live = await app.Anonymous.GetAsync(new Uri("/health/live", UriKind.Relative), Token);
        Assert.True(live.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("Dbman:Database:MaxPoolSize", "10", "Dbman:Database:MaxPoolSize is 10, but Dbman:Commit:Lanes (4), Dbman:Concurrency:Requests (13), Dbman:Concurrency:Heartbeats (1) and 2 of our own need 20.")]
    [InlineData("Dbman:Database:LockTimeout", "00:01:00", "Dbman:Database:LockTimeout must be shorter than Dbman:Database:StatementTimeout.")]
    [InlineData("Dbman:Commit:Lanes", "0", "Dbman:Commit:Lanes")]
    [InlineData("Dbman:Concurrency:Queue", "-1", "Dbman:Concurrency:Queue")]
    public async Task StartIsRefusedAndNamesThePath_WhenAnOptionIsWrong(string name, string value, string message)
    {
        var failure = Assert.ThrowsAny<Exception>(() => DbmanApp.StartUnready("Host=127.0.0.1;Port=1", (name, value)));
        Assert.Contains(message, failure.ToString(), StringComparison.Ordinal);
        await Task.CompletedTask;
    }
}
