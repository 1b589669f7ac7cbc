using Contracts.Messages;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class RelayTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PositionMovesOnlyOverWhatTouchesIt()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (tenant, room) = await RoomWithMessagesAsync(app, 10);

        Assert.Equal(0, await Mark(2, 3));
        Assert.Equal(3, await Mark(1, 1));
        Assert.Equal(3, await Mark(5, 6));
        Assert.Equal(3, await Mark(8, 8));
        Assert.Equal(6, await Mark(4, 4));
        Assert.Equal(6, await Mark(1, 2));
        Assert.Equal(8, await Mark(6, 7));
        Assert.Equal(10, await Mark(9, 500));
        await app.Client.AppendAsync(tenant, room, "admin", "next", "next", Token);

        // What was claimed beyond the last message did not count.
        Assert.Equal(10, await Mark(3, 4));
        Assert.Equal(11, await Mark(11, 11));

        async Task<long> Mark(long from, long to) => (await MarkAsync(app, new RelayedRange(tenant, room, from, to))).Single().RelayedSeq;
    }

    [Fact]
    public async Task EveryRoomHasItsOwnPosition_WhenMarkedTogether()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (tenant, one) = await RoomWithMessagesAsync(app, 3);
        var two = await app.Client.RoomAsync(tenant, Token);
        await app.Client.AppendAsync(tenant, two, "admin", "m", "m", Token);

        var positions = await MarkAsync(
            app,
            new RelayedRange(tenant, one, 2, 2),
            new RelayedRange(tenant, two, 1, 1),
            new RelayedRange(tenant, one, 1, 1),
            new RelayedRange(tenant, "missing", 1, 1),
            new RelayedRange(Seed.Id("t"), one, 1, 3));

        Assert.Equivalent(new[] { new RelayPosition(tenant, one, 2, 3), new RelayPosition(tenant, two, 1, 1) }, positions, strict: true);
    }

    [Fact]
    public async Task PositionEndsAtTheLast_WhenRangesAreMarkedInAnyOrderAtOnce()
    {
        const int Messages = 60;
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var (tenant, room) = await RoomWithMessagesAsync(one, Messages);
        var order = Enumerable.Range(1, Messages).ToArray();
        new Random(7).Shuffle(order);

        await Task.WhenAll(order.Select(seq => MarkAsync(seq % 2 == 0 ? one : two, new RelayedRange(tenant, room, seq, seq))));

        Assert.Equal(Messages, (await MarkAsync(one, new RelayedRange(tenant, room, 1, 1))).Single().RelayedSeq);
        Assert.Equal("{}", await database.ReadAsync<string>("SELECT ahead::text FROM room_relays", Token));
    }

    [Fact]
    public async Task LateRoomIsGivenToOneClaimer_UntilItIsRelayedOrTheClaimRunsOut()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (tenant, room) = await RoomWithMessagesAsync(app, 3);
        await MarkAsync(app, new RelayedRange(tenant, room, 1, 1));

        Assert.Empty(await Claim(grace: 60_000));
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Claim()));
        Assert.Equal(new RelayPosition(tenant, room, 1, 3), Assert.Single(claims.SelectMany(static claim => claim)));

        await database.ExecuteAsync("UPDATE room_relays SET claimed_until = now() - interval '1 second'", Token);
        Assert.Single(await Claim());
        Assert.Empty(await Claim());

        await MarkAsync(app, new RelayedRange(tenant, room, 2, 3));
        Assert.Empty(await Claim());

        // Caught up ends the claim: the next message that is lost is found at once.
        await app.Client.AppendAsync(tenant, room, "admin", "next", "next", Token);
        Assert.Equal(new RelayPosition(tenant, room, 3, 4), Assert.Single(await Claim()));

        async Task<IReadOnlyList<RelayPosition>> Claim(int grace = 0) =>
            (await app.Client.Messages.ClaimUnrelayedAsync(new ClaimUnrelayedRequest("tester", grace, 60_000, 10), Token)).Ok().Positions;
    }

    [Fact]
    public async Task QuietRoomIsWatchedNoMore_AndAgainAfterTheNextMessage()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var (tenant, room) = await RoomWithMessagesAsync(app, 1);
        var (_, behind) = await RoomWithMessagesAsync(app, 1, tenant);
        await MarkAsync(app, new RelayedRange(tenant, room, 1, 1));
        await database.ExecuteAsync("UPDATE rooms SET last_sent_at = now() - interval '1 hour'", Token);

        (await app.Client.Messages.ClaimUnrelayedAsync(new ClaimUnrelayedRequest("tester", 60_000, 1, 10), Token)).Ok();
        Assert.Equal(behind, await database.ReadAsync<string>("SELECT string_agg(id, ',') FROM rooms WHERE watched", Token));

        await app.Client.AppendAsync(tenant, room, "admin", "next", "next", Token);
        Assert.Equal(2, await database.ReadAsync<long>("SELECT count(*) FROM rooms WHERE watched", Token));
    }

    private static async Task<(string Tenant, string Room)> RoomWithMessagesAsync(DbmanApp app, int messages, string? tenant = null)
    {
        tenant ??= await app.Client.TenantAsync(Token);
        var room = await app.Client.RoomAsync(tenant, Token);
        var items = Enumerable.Range(1, messages).Select(index => new AppendItem(tenant, room, $"m{index}", "admin", "text"));
        (await app.Client.Messages.AppendAsync(new AppendRequest([.. items]), Token)).Ok();
        return (tenant, room);
    }

    private static async Task<IReadOnlyList<RelayPosition>> MarkAsync(DbmanApp app, params IReadOnlyList<RelayedRange> ranges) =>
        (await app.Client.Messages.MarkRelayedAsync(new MarkRelayedRequest(ranges), Token)).Ok().Positions;
}
