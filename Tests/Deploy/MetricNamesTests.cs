using System.Text.RegularExpressions;
using Dbman.Postgres;
using Npgsql;
using Realtime;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Realtime;
using Tests.ServiceDefaults;

namespace Tests.Deploy;

/// <summary>prometheus-adapter's rules ask for series that the services really export.</summary>
public sealed partial class MetricNamesTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EverySeriesOfTheRulesIsExported()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var dbman = await DbmanApp.StartAsync(database, Token);
        await using var node = await RealtimeNode.StartAsync(await servers.GetRedisConnectionStringAsync(Token), new MemoryRooms(), new TestIssuer());

        // Counters are exported from their first event on.
        dbman.Get<DatabaseTelemetry>().Failed(DatabaseFailure.Of(new PostgresException("canceled", "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled))!.Value);
        await dbman.Client.TenantAsync(Token);
        node.Get<RealtimeTelemetry>().SlowConsumer("test");
        var scraped = await dbman.Anonymous.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token)
            + await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        var exported = Series().Matches(scraped).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        var rules = await File.ReadAllTextAsync(Path.Combine(DeployFolder.Root, "components", "custom-metrics", "rules.yaml"), Token);
        var asked = AskedFor().Matches(rules).Select(m => m.Groups["name"].Value).Distinct().ToList();
        Assert.Equal(6, asked.Count);
        Assert.Equal([], asked.Except(exported));
    }

    [GeneratedRegex(@"^(?<name>[a-z_0-9]+)[{ ]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Series();

    /// <summary>A name before a selector.</summary>
    [GeneratedRegex(@"(?<name>[a-z][a-z_0-9]+)\{(namespace|<<)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex AskedFor();
}
