using System.Text.Json;
using Contracts;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

public sealed class RoomTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    [Fact]
    public async Task CreatorOwnsTheRoom_WhenCreated()
    {
        var tenant = await system.CreateTenantAsync("ann");
        using var response = await tenant["ann"].PostAsync("/v1/rooms", """{"id":"lobby","name":"Lobby ☕","visibility":"public","unknown":1}""");
        var room = await ReadAsync(Task.FromResult(response), 201);
        Assert.Equal("/v1/rooms/lobby", response.Headers.Location!.ToString());
        Assert.Equal(("lobby", "Lobby ☕", "public", "owner", 0L, 1), (Text(room, "id"), Text(room, "name"), Text(room, "visibility"), Text(room, "role"), Number(room, "lastSeq"), (int)Number(room, "members")));
        Assert.False(room.TryGetProperty("tenant", out _));

        var read = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/lobby"), 200);
        Assert.Equal(JsonSerializer.Serialize(room), JsonSerializer.Serialize(read));
    }

    [Fact]
    public async Task IdIsMade_AndRoomIsPrivate_WhenNotSaid()
    {
        var tenant = await system.CreateTenantAsync("ann");
        var room = await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"name":"x"}"""), 201);
        Assert.Matches("^[0-9a-f]{32}$", Text(room, "id"));
        Assert.Equal("private", Text(room, "visibility"));
    }

    [Fact]
    public async Task Is409_WhenTheIdIsTaken_AndNotWhenAnotherTenantTookIt()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x"}"""), 201);
        await RefusedAsync(tenant["bob"].PostAsync("/v1/rooms", """{"id":"r","name":"x"}"""), 409, ProblemTypes.RoomExists);
        var other = await system.CreateTenantAsync("ann");
        await ReadAsync(other["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x"}"""), 201);
    }

    [Theory]
    [InlineData("""{"name":"x","id":"a:b"}""", ProblemTypes.InvalidId)]
    [InlineData("""{"name":"x","id":""}""", ProblemTypes.InvalidId)]
    [InlineData("""{"name":"x","id":"a\u0000b"}""", ProblemTypes.InvalidId)]
    [InlineData("""{"name":"x","id":"01234567890123456789012345678901234567890123456789012345678901234"}""", ProblemTypes.InvalidId)]
    [InlineData("""{"name":"x","id":"public"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":""}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"   "}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"a\nb"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"a\u202eb"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"a\u2028b"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"a\u200bb"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"\u3164"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"\ud800"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":null}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":7}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{}""", ProblemTypes.InvalidRequest)]
    [InlineData("""[]""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"x" """, ProblemTypes.InvalidRequest)]
    [InlineData("null", ProblemTypes.InvalidRequest)]
    [InlineData("", ProblemTypes.InvalidRequest)]
    [InlineData("""{"name":"x","visibility":"secret"}""", ProblemTypes.InvalidRequest)]
    public async Task Is400_WhenTheBodyIsWrong(string body, string type)
    {
        var tenant = await system.CreateTenantAsync("ann");
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms", body), 400, type);
    }

    [Fact]
    public async Task Is413_WhenTheBodyIsTooLong_And415_WhenItIsNoJson()
    {
        var tenant = await system.CreateTenantAsync("ann");
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms", $$"""{"name":"{{new string('x', 100_000)}}"}"""), 413, ProblemTypes.PayloadTooLarge);
        using var text = new StringContent("""{"name":"x"}""");
        await RefusedAsync(tenant["ann"].Http.PostAsync("/v1/rooms", text, TestContext.Current.CancellationToken), 415, ProblemTypes.UnsupportedMediaType);
    }

    [Fact]
    public async Task Is401_WhenThereIsNoToken()
    {
        using var http = system.Chat.ClientOf();
        await RefusedAsync(http.GetAsync("/v1/rooms", TestContext.Current.CancellationToken), 401, ProblemTypes.Unauthenticated);
        await RefusedAsync(http.PostAsync("/v1/rooms/r/messages", null, TestContext.Current.CancellationToken), 401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task PrivateRoomLooksLikeNone_WhenTheCallerIsNoMember()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"secret","name":"x"}"""), 201);
        var other = await system.CreateTenantAsync("ann");
        foreach (var caller in new[] { tenant["bob"], other["ann"] })
        {
            foreach (var path in new[] { "", "/members", "/messages", "/messages/1" })
            {
                var there = await RefusedAsync(caller.GetAsync("/v1/rooms/secret" + path), 403, ProblemTypes.NotAMember);
                var missing = await RefusedAsync(caller.GetAsync("/v1/rooms/missing" + path), 403, ProblemTypes.NotAMember);
                Assert.Equal(Text(missing, "detail"), Text(there, "detail"));
            }

            await RefusedAsync(caller.PostAsync("/v1/rooms/secret/join"), 403, ProblemTypes.NotAMember);
            await RefusedAsync(caller.PostAsync("/v1/rooms/missing/join"), 403, ProblemTypes.NotAMember);
            await RefusedAsync(caller.PostAsync("/v1/rooms/secret/leave"), 403, ProblemTypes.NotAMember);
            await RefusedAsync(caller.PutAsync("/v1/rooms/secret/members/bob", "{}"), 403, ProblemTypes.NotAMember);
            await RefusedAsync(caller.DeleteAsync("/v1/rooms/secret/members/ann"), 403, ProblemTypes.NotAMember);
            await RefusedAsync(caller.PostAsync("/v1/rooms/secret/messages", """{"text":"x"}"""), 403, ProblemTypes.NotAMember);
            await RefusedAsync(caller.PutAsync("/v1/rooms/secret/read", """{"seq":1}"""), 403, ProblemTypes.NotAMember);
        }
    }

    [Fact]
    public async Task PublicRoomIsSeen_WhenTheCallerIsNoMember_ButNotItsMessages()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"lobby","name":"x","visibility":"public"}"""), 201);
        var room = await ReadAsync(tenant["bob"].GetAsync("/v1/rooms/lobby"), 200);
        Assert.False(room.TryGetProperty("role", out _));
        await RefusedAsync(tenant["bob"].GetAsync("/v1/rooms/lobby/messages"), 403, ProblemTypes.NotAMember);
        await RefusedAsync(tenant["bob"].PostAsync("/v1/rooms/lobby/messages", """{"text":"x"}"""), 403, ProblemTypes.NotAMember);
    }

    [Fact]
    public async Task ListsArePagedByKey()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob");
        foreach (var id in new[] { "c", "a", "d", "b" })
        {
            await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", $$"""{"id":"{{id}}","name":"x","visibility":"{{(id == "d" ? "private" : "public")}}"}"""), 201);
        }

        Assert.Equal(["a", "b", "c", "d"], await PagesAsync(tenant["ann"], "/v1/rooms"));
        Assert.Equal(["a", "b", "c"], await PagesAsync(tenant["bob"], "/v1/rooms/public"));
        Assert.Empty(await PagesAsync(tenant["bob"], "/v1/rooms"));
        foreach (var query in new[] { "limit=0", "limit=201", "limit=-1", "limit=x", "limit=99999999999999" })
        {
            await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms?" + query), 400, ProblemTypes.InvalidRequest);
            await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms/public?" + query), 400, ProblemTypes.InvalidRequest);
        }

        await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms?after=a:b"), 400, ProblemTypes.InvalidId);
    }

    [Theory]
    [InlineData("/v1/rooms/a:b")]
    [InlineData("/v1/rooms/a%3Ab/messages")]
    [InlineData("/v1/rooms/a%00b")]
    [InlineData("/v1/rooms/%2e%2e%2f/members")]
    [InlineData("/v1/rooms/01234567890123456789012345678901234567890123456789012345678901234")]
    public async Task Is400_WhenTheRouteHoldsNoId(string path)
    {
        var tenant = await system.CreateTenantAsync("ann");
        using var response = await tenant["ann"].GetAsync(path);
        Assert.True((int)response.StatusCode is 400 or 404, $"{path}: {response.StatusCode}");
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static async Task<List<string>> PagesAsync(Caller caller, string path)
    {
        List<string> ids = [];
        string? after = null;
        do
        {
            var page = await ReadAsync(caller.GetAsync($"{path}?limit=2" + (after is null ? "" : $"&after={after}")), 200);
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(static room => Text(room, "id")));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);
        return ids;
    }
}
