using Contracts.Messages;
using Tests.Dbman;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

/// <summary>Users who hold connections open with a few bytes a second, and others who must not be affected.</summary>
public sealed class TrickleTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    private const int Permits = 16;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private static readonly (string, string)[] Settings =
    [
        ("Concurrency:api:Permits", $"{Permits}"),
        ("Concurrency:histories:Permits", $"{Permits}"),
        ("Concurrency:histories:Grace", "00:00:00.500"),
        ("Concurrency:histories:QueueTimeout", "00:00:30"),
        ("Limits:BodyTimeout", "00:00:02"),

        // Attackers are evicted when somebody else waits, not by the server's minimum rate.
        ("Limits:MinBytesPerSecond", "1"),
    ];

    [Fact]
    public async Task OthersPost_WhenManyPostsTrickleIn()
    {
        await using var chat = system.StartChat(system.Realtime, Settings);
        var hostile = await system.CreateTenantAsync(chat, "ann");
        var other = await RoomAsync(chat);
        await using var attack = new Attack(4 * Permits, async (number, token) =>
        {
            using var raw = await RawHttp.SendAsync(
                chat.Address,
                $"POST /v1/rooms/nowhere/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestUsers.Token(hostile.Id, "ann")}\r\nContent-Type: application/json\r\nContent-Length: 57000\r\n\r\n",
                from: (byte)(2 + number));
            await raw.TrickleAsync(Tick, token);
        });
        for (var i = 1; i <= 50; i++)
        {
            await ReadAsync(other["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{i}}"}"""), 201);
        }
    }

    [Fact]
    public async Task IsToldWhy_WhenABodyDoesNotArriveInTime()
    {
        await using var chat = system.StartChat(system.Realtime, Settings);
        var tenant = await RoomAsync(chat);
        using var raw = await RawHttp.SendAsync(
            chat.Address,
            $"POST /v1/rooms/r/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestUsers.Token(tenant.Id, "ann")}\r\nContent-Type: application/json\r\nContent-Length: 57000\r\n\r\n");
        var answer = await raw.ReadToEndAsync();
        Assert.Equal(408, RawHttp.StatusOf(answer));
        Assert.Contains("urn:problem:request-timeout", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OthersReadTheirHistory_WhenManyUsersBarelyReadTheirs()
    {
        await using var chat = system.StartChat(system.Realtime, Settings);
        var hostile = await RoomAsync(chat);
        var other = await RoomAsync(chat);

        // Six bytes a character on the wire: more than what two kernels buffer.
        var text = new string('é', 8_000);
        var items = Enumerable.Range(0, 200).Select(number => new AppendItem(hostile.Id, "r", "m" + number, "ann", text));
        (await system.Store.Messages.AppendAsync(new AppendRequest([.. items]), TestContext.Current.CancellationToken)).Ok();
        await using var attack = new Attack(3 * Permits, async (number, token) =>
        {
            using var raw = await RawHttp.SendAsync(
                chat.Address,
                $"GET /v1/rooms/r/messages?limit=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TestUsers.Token(hostile.Id, number % 2 == 0 ? "ann" : "bob")}\r\n\r\n",
                from: (byte)(2 + number),
                receiveBuffer: 4_096);
            await raw.SipAsync(Tick, token);
        });
        await Attack.HoldsAsync(chat.Address, "histories", 2);
        for (var i = 0; i < 20; i++)
        {
            await ReadAsync(other["ann"].GetAsync("/v1/rooms/r/messages"), 200);
            await ReadAsync(other["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{i}}"}"""), 201);
        }
    }

    private async Task<TestTenant> RoomAsync(RunningService<global::Chat.Rooms.RoomEvents> chat)
    {
        var tenant = await system.CreateTenantAsync(chat, "ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"R"}"""), 201);
        await ReadAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/bob", "{}"), 201);
        return tenant;
    }
}
