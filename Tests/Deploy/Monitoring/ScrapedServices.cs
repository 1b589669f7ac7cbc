using System.Text.RegularExpressions;
using Chat.Messages;
using Chat.Relay;
using Chat.Rooms;
using Contracts.Messages;
using Dbman.Messages.Commit;
using Dbman.Postgres;
using Fileman;
using Layouts.Driving;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Realtime.Channels;
using Realtime.Counting;
using Realtime.Wire;
using ServiceDefaults.Identity;
using Session;
using Session.Keys;
using Session.Passwords;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Realtime;
using Tests.ServiceDefaults;

namespace Tests.Deploy.Monitoring;

/// <summary>One line of a scrape, without its value.</summary>
internal sealed record Series(string Metric, IReadOnlyDictionary<string, string> Labels);

/// <summary>
/// What the five services export on /metrics after they have met what the rules look for: a post that is stored and one that is refused, a socket
/// that listens. What takes an accident (a timeout, a slow consumer, a copy that differs) is recorded through the same telemetry that the services
/// use.
/// </summary>
public sealed partial class ScrapedServices(DataServers servers) : IAsyncLifetime
{
    /// <summary>Discards the port: nobody listens there.</summary>
    private const string Nowhere = "http://127.0.0.1:9";

    private readonly Dictionary<string, List<Series>> _services = new(StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>By the name that the label app has in a cluster.</summary>
    internal IReadOnlyDictionary<string, List<Series>> Services => _services;

    public async ValueTask InitializeAsync()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var dbman = await DbmanApp.StartAsync(database, Token);
        await ScrapeChatAsync(dbman);
        await ScrapeRealtimeAsync(dbman);
        await ScrapeSessionAsync(dbman);
        await ScrapeFilemanAsync(dbman);

        dbman.Get<DatabaseTelemetry>().Failed(DatabaseFailure.Of(new PostgresException("canceled", "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled))!.Value);
        dbman.Get<CommitTelemetry>().Refused(1, "full");
        await ScrapeAsync("dbman", dbman.Anonymous);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task ScrapeChatAsync(DbmanApp dbman)
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        var tenant = await dbman.Client.TenantAsync(Token);
        var room = await dbman.Client.RoomAsync(tenant, Token);
        foreach (var (address, status) in new[] { (dbman.Address.ToString(), 201), (Nowhere, 503) })
        {
            await using var chat = RunningService<RoomEvents>.Start(new(StringComparer.Ordinal)
            {
                ["services:dbman:http:0"] = address,
                ["services:realtime:http:0"] = realtime.Address.ToString(),
                ["ServiceClients:MaxRetries"] = "0",
            });
            using var admin = new Caller(chat.Address, tenant, "admin");
            await Caller.ReadAsync(admin.PostAsync($"/v1/rooms/{room}/messages", """{"text":"x"}"""), status);
            var relay = chat.Get<RelayTelemetry>();
            relay.Delay(TimeSpan.FromMilliseconds(5));
            relay.Published(1);
            relay.Repaired(1);
            relay.Retried(1);
            relay.Overflowed();
            relay.GivenUp(1);
            chat.Get<MessageTelemetry>().Refused();
            await ScrapeAsync("chat", chat.ClientOf());
        }
    }

    private async Task ScrapeRealtimeAsync(DbmanApp dbman)
    {
        using var issuer = new TestIssuer();
        var rooms = new MemoryRooms();
        rooms.Create(new RoomKey("t", "lobby"), "ann");
        await using var node = await RealtimeNode.StartAsync(
            await servers.GetRedisConnectionStringAsync(Token), rooms, issuer, dbman.Address, new PlaneWire(), new(StringComparer.Ordinal)
            {
                ["Operators:Tenant"] = "operators",
                ["Console:Enabled"] = "false",
            });
        await Eventually.ClearAsync(async () =>
        {
            using var ready = await node.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
            return ready.IsSuccessStatusCode ? null : await ready.Content.ReadAsStringAsync(Token);
        });
        await using var socket = await node.ConnectAsync("t", "ann");
        await socket.SubscribeAsync("lobby");

        var telemetry = node.Get<RealtimeTelemetry>();
        foreach (var (layout, isTaken) in new[] { ("legacy", true), ("sharded", true), ("sharded", false) })
        {
            telemetry.Published(ChannelKind.Message, layout, 0, 1, TimeSpan.FromMilliseconds(1), isTaken);
        }

        telemetry.DeliveryDelay(0.001);
        telemetry.Repaired(TimeSpan.FromMilliseconds(1));
        telemetry.Dropped("test");
        telemetry.SlowConsumer("test");
        telemetry.StoreFailed("test");
        telemetry.EnvelopeSkipped("test");
        telemetry.ConnectionClosed(1000);
        telemetry.FrameRefused("test");
        telemetry.PublishRefused();
        foreach (var result in Enum.GetValues<ParityResult>())
        {
            node.Get<ShadowParity>().Add(result, default);
        }

        node.Get<ShadowParity>().Delay(TimeSpan.FromMilliseconds(1));
        node.Get<DriverTelemetry>().Stepped("shadow");
        node.Get<DriverTelemetry>().Waited(TimeSpan.FromSeconds(1));
        await ScrapeAsync("realtime", node.Http);
    }

    private async Task ScrapeSessionAsync(DbmanApp dbman)
    {
        await using var session = RunningService<SessionTelemetry>.Start(
            new(StringComparer.Ordinal)
            {
                ["services:dbman:http:0"] = dbman.Address.ToString(),
                ["services:realtime:http:0"] = Nowhere,
            },
            static services => services.AddSingleton<IUserKeySource>(static provider => provider.GetRequiredService<KeyRing>()));
        var telemetry = session.Get<SessionTelemetry>();
        telemetry.Login("success");
        telemetry.Lockout();
        telemetry.AddressLimited();
        telemetry.PasswordRefused(TurnOutcome.Crowded);
        telemetry.PasswordWork(TimeSpan.FromMilliseconds(100));
        await ScrapeAsync("session", session.ClientOf());
    }

    private async Task ScrapeFilemanAsync(DbmanApp dbman)
    {
        var folder = Directory.CreateTempSubdirectory("fileman-");
        await using (var fileman = RunningService<FilemanTelemetry>.Start(new(StringComparer.Ordinal)
        {
            ["services:dbman:http:0"] = dbman.Address.ToString(),
            ["Blobs:Folder"] = folder.FullName,
        }))
        {
            fileman.Get<FilemanTelemetry>().UploadBegan();
            fileman.Get<FilemanTelemetry>().UploadEnded("stored", 1);
            await ScrapeAsync("fileman", fileman.ClientOf());
        }

        folder.Delete(recursive: true);
    }

    /// <summary>A request that is counted comes first: the scrape itself may not be.</summary>
    private async Task ScrapeAsync(string service, HttpClient client)
    {
        await client.GetStringAsync(new Uri("/health/live", UriKind.Relative), Token);
        var text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        if (!_services.TryGetValue(service, out var series))
        {
            _services[service] = series = [];
        }

        series.AddRange(Line().Matches(text).Select(static m => new Series(
            m.Groups["metric"].Value,
            Pair().Matches(m.Groups["labels"].Value).ToDictionary(static p => p.Groups["name"].Value, static p => p.Groups["value"].Value, StringComparer.Ordinal))));
    }

    [GeneratedRegex(@"^(?<metric>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([^""}]|""(\\.|[^""\\])*"")*)\})? ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 5_000)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<name>\w+)=""(?<value>(\\.|[^""\\])*)""", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Pair();
}
