using Contracts;
using Tests.Dbman;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

/// <summary>Chat without Dbman: it says so, quickly, and recovers by itself.</summary>
public sealed class DbmanAwayTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryCallIs503_AndTheReplicaIsNotReadyButLive_WhenDbmanCannotBeReached()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        await using var database = await servers.CreateDatabaseAsync(Token);
        var dbman = await DbmanApp.StartAsync(database, Token);
        await using var chat = RunningService<global::Chat.Rooms.RoomEvents>.Start(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["services:dbman:http:0"] = dbman.Address.ToString(),
            ["services:realtime:http:0"] = realtime.Address.ToString(),
            ["ServiceClients:TotalTimeout"] = "00:00:02",
            ["ServiceClients:AttemptTimeout"] = "00:00:01",
        });
        using var ready = chat.ClientOf();
        await WaitAsync(ready, healthy: true);

        await dbman.DisposeAsync();
        using var ann = new Caller(chat.Address, "t", "ann");
        foreach (var call in (Func<Task<HttpResponseMessage>>[])
        [
            () => ann.GetAsync("/v1/rooms"),
            () => ann.GetAsync("/v1/rooms/public"),
            () => ann.GetAsync("/v1/rooms/r"),
            () => ann.GetAsync("/v1/rooms/r/members"),
            () => ann.GetAsync("/v1/rooms/r/messages"),
            () => ann.GetAsync("/v1/rooms/r/messages/1"),
            () => ann.GetAsync("/v1/unread"),
            () => ann.PostAsync("/v1/rooms", """{"name":"x"}"""),
            () => ann.PostAsync("/v1/rooms/r/join"),
            () => ann.PostAsync("/v1/rooms/r/leave"),
            () => ann.PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""),
            () => ann.PostAsync("/v1/rooms/r/messages", """{"text":"x","attachments":["f"]}"""),
            () => ann.PutAsync("/v1/rooms/r/members/bob", "{}"),
            () => ann.PutAsync("/v1/rooms/r/read", """{"seq":1}"""),
            () => ann.DeleteAsync("/v1/rooms/r/members/bob"),
        ])
        {
            await RefusedAsync(call(), 503, ProblemTypes.DependencyUnavailable);
        }

        await WaitAsync(ready, healthy: false);
        await ReadAsync(ready.GetAsync("/health/live", Token), 200);
    }

    private static Task WaitAsync(HttpClient client, bool healthy) => Eventually.ClearAsync(async () =>
    {
        using var response = await client.GetAsync("/health/ready", Token);
        return response.IsSuccessStatusCode == healthy ? null : await response.Content.ReadAsStringAsync(Token);
    });
}
