using Contracts;
using Contracts.Publish;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

public sealed class MemberTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryChangeIsToldToTheRoom_AndNothingElse()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        await using var chat = system.StartChat(realtime);
        var tenant = await system.CreateTenantAsync(chat, "ann", "bob", "eve");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x","visibility":"public"}"""), 201);

        var joined = await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/join"), 201);
        Assert.Equal(("bob", "member"), (joined.GetProperty("user").GetString(), joined.GetProperty("role").GetString()));
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/join"), 200);
        await ReadAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/bob", """{"role":"moderator"}"""), 200);
        await ReadAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/bob", """{"role":"moderator"}"""), 200);
        await ReadAsync(tenant["bob"].PutAsync("/v1/rooms/r/members/eve", "{}"), 201);
        await ReadAsync(tenant["bob"].DeleteAsync("/v1/rooms/r/members/eve"), 204);
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/leave"), 204);

        var events = await realtime.TakeEventsAsync(5, Token);
        Assert.Equal(
            [
                (SystemEvents.MemberJoined, "bob", "bob", "member"),
                (SystemEvents.MemberRole, "ann", "bob", "moderator"),
                (SystemEvents.MemberJoined, "bob", "eve", "member"),
                (SystemEvents.MemberRemoved, "bob", "eve", null),
                (SystemEvents.MemberLeft, "bob", "bob", null),
            ],
            events.Select(static one => (one.Event, one.Actor, one.User!, one.Data?.GetProperty("role").GetString())));
        Assert.All(events, one => Assert.Equal((tenant.Id, "r"), (one.Tenant, one.Room)));
        Assert.Equal(5, events.Select(static one => one.Id).Distinct().Count());
    }

    [Fact]
    public async Task EventIsSentAgain_WhenRealtimeIsAway_AndTheChangeDoesNotWaitForIt()
    {
        await using var realtime = await ScriptedRealtime.StartAsync(Token);
        await using var chat = system.StartChat(realtime);
        var tenant = await system.CreateTenantAsync(chat, "ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x","visibility":"public"}"""), 201);
        realtime.Status = 503;
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/join"), 201);
        await realtime.RefusedAsync(Token);
        realtime.Status = 200;
        Assert.Equal("bob", Assert.Single(await realtime.TakeEventsAsync(1, Token)).User);
    }

    [Fact]
    public async Task RulesOfRolesHold()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob", "eve");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x"}"""), 201);
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/leave"), 409, ProblemTypes.LastOwner);
        await RefusedAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/ann", """{"role":"member"}"""), 409, ProblemTypes.LastOwner);
        await RefusedAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/nobody", "{}"), 404, ProblemTypes.UserNotFound);
        await ReadAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/bob", "{}"), 201);
        await RefusedAsync(tenant["bob"].PutAsync("/v1/rooms/r/members/bob", """{"role":"owner"}"""), 403, ProblemTypes.Forbidden);
        await RefusedAsync(tenant["bob"].PutAsync("/v1/rooms/r/members/eve", "{}"), 403, ProblemTypes.Forbidden);
        await RefusedAsync(tenant["bob"].DeleteAsync("/v1/rooms/r/members/ann"), 403, ProblemTypes.Forbidden);
        await ReadAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/bob", """{"role":"owner"}"""), 200);
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/leave"), 204);
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/leave"), 403, ProblemTypes.NotAMember);
    }

    [Fact]
    public async Task MembersAreListed_ToMembersOnly()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x","visibility":"public"}"""), 201);
        await RefusedAsync(tenant["bob"].GetAsync("/v1/rooms/r/members"), 403, ProblemTypes.NotAMember);
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/join"), 201);
        var page = await ReadAsync(tenant["bob"].GetAsync("/v1/rooms/r/members?limit=1"), 200);
        Assert.Equal(("ann", "ann"), (page.GetProperty("items")[0].GetProperty("user").GetString(), page.GetProperty("next").GetString()));
        page = await ReadAsync(tenant["bob"].GetAsync("/v1/rooms/r/members?after=ann"), 200);
        Assert.Equal("bob", page.GetProperty("items")[0].GetProperty("user").GetString());
        await RefusedAsync(tenant["bob"].GetAsync("/v1/rooms/r/members?limit=0"), 400, ProblemTypes.InvalidRequest);
    }

    [Theory]
    [InlineData("""{"role":"king"}""")]
    [InlineData("""{"role":1}""")]
    [InlineData("")]
    [InlineData("x")]
    public async Task Is400_WhenTheBodyIsWrong(string body)
    {
        var tenant = await system.CreateTenantAsync("ann");
        await RefusedAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/ann", body), 400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task ReadMarkerMovesForwardOnly_AndCountsWhatIsUnread()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x","visibility":"public"}"""), 201);
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/join"), 201);
        for (var i = 0; i < 5; i++)
        {
            await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""), 201);
        }

        Assert.Equal(5, await UnreadAsync(tenant["bob"]));
        await MarkAsync(tenant["bob"], 3, expected: 3);
        await MarkAsync(tenant["bob"], 2, expected: 3);
        Assert.Equal(2, await UnreadAsync(tenant["bob"]));
        var rooms = await ReadAsync(tenant["bob"].GetAsync("/v1/rooms"), 200);
        Assert.Equal((3, 2), (rooms.GetProperty("items")[0].GetProperty("readSeq").GetInt32(), rooms.GetProperty("items")[0].GetProperty("unread").GetInt32()));
        await MarkAsync(tenant["bob"], long.MaxValue, expected: 5);
        Assert.Equal(0, await UnreadAsync(tenant["bob"]));
        foreach (var body in new[] { """{"seq":-1}""", """{"seq":1.5}""", """{"seq":"1"}""", """{"seq":9223372036854775808}""", "{}" })
        {
            await RefusedAsync(tenant["bob"].PutAsync("/v1/rooms/r/read", body), 400, ProblemTypes.InvalidRequest);
        }
    }

    private static async Task MarkAsync(Caller caller, long seq, long expected)
    {
        var marker = await ReadAsync(caller.PutAsync("/v1/rooms/r/read", $$"""{"seq":{{seq}}}"""), 200);
        Assert.Equal((expected, 5), (marker.GetProperty("readSeq").GetInt64(), marker.GetProperty("lastSeq").GetInt64()));
    }

    private static async Task<long> UnreadAsync(Caller caller) =>
        (await ReadAsync(caller.GetAsync("/v1/unread"), 200)).GetProperty("total").GetInt64();
}
