using System.Text.Json;
using Contracts;
using Contracts.Messages;
using Tests.Dbman;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

public sealed class MessageTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MessageIsStored_WhenPosted()
    {
        var tenant = await RoomAsync();
        using var response = await tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m1","text":"hello ☕ 🚀\n\u0001"}""");
        var message = await ReadAsync(Task.FromResult(response), 201);
        Assert.Equal("/v1/rooms/r/messages/1", response.Headers.Location!.ToString());
        Assert.Equal(("r", 1, "m1", "ann", "hello ☕ 🚀\n\u0001"), (
            message.GetProperty("room").GetString(),
            message.GetProperty("seq").GetInt32(),
            message.GetProperty("id").GetString(),
            message.GetProperty("sender").GetString(),
            message.GetProperty("text").GetString()));
        Assert.Equal(TimeSpan.Zero, message.GetProperty("sentAt").GetDateTimeOffset().Offset);
        Assert.False(message.TryGetProperty("attachments", out _));
        Assert.False(message.TryGetProperty("tenant", out _));

        var read = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages/1"), 200);
        Assert.Equal(JsonSerializer.Serialize(message), JsonSerializer.Serialize(read));
        await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages/2"), 404, ProblemTypes.NotFound);
        await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages/0"), 400, ProblemTypes.InvalidRequest);
        await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages/-1"), 400, ProblemTypes.InvalidRequest);
        await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages/x"), 400, ProblemTypes.InvalidRequest);
    }

    [Fact]
    public async Task FirstMessageComesBack_WhenItsIdIsPostedAgain()
    {
        var tenant = await RoomAsync();
        var first = await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m1","text":"one"}"""), 201);
        var again = await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m1","text":"one"}"""), 200);
        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(again));
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m1","text":"two"}"""), 409, ProblemTypes.Conflict);
        await RefusedAsync(tenant["bob"].PostAsync("/v1/rooms/r/messages", """{"id":"m1","text":"mine"}"""), 409, ProblemTypes.Conflict);
        var page = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages"), 200);
        Assert.Equal(1, page.GetProperty("lastSeq").GetInt32());
    }

    [Fact]
    public async Task OneTextIsStoredAndTheOthersAreRefused_WhenManyCallsPostOtherTextsUnderOneIdAtOnce()
    {
        var tenant = await RoomAsync();
        var calls = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            using var response = await tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"id":"m1","text":"text {{number}}"}""");
            return (int)response.StatusCode;
        }));
        Assert.Equal([201, .. Enumerable.Repeat(409, 19)], calls.Order());
    }

    [Fact]
    public async Task OwnPostsAreNotUnread_ForWhoWroteThem()
    {
        var tenant = await RoomAsync();
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/messages", """{"text":"one"}"""), 201);
        Assert.Equal(1, (await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r"), 200)).GetProperty("unread").GetInt32());

        // To post is to have read.
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m2","text":"two"}"""), 201);
        var anns = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r"), 200);
        Assert.Equal((0, 2), (anns.GetProperty("unread").GetInt32(), anns.GetProperty("readSeq").GetInt32()));
        Assert.Equal(1, (await ReadAsync(tenant["bob"].GetAsync("/v1/rooms/r"), 200)).GetProperty("unread").GetInt32());

        // A retry does not mark later messages as read.
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/messages", """{"text":"three"}"""), 201);
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m2","text":"two"}"""), 200);
        Assert.Equal(1, (await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r"), 200)).GetProperty("unread").GetInt32());
    }

    [Theory]
    [InlineData("""{"id":"m1"}""", "$.text")]
    [InlineData("""{"text":null}""", "$.text")]
    [InlineData("""{"text":5}""", "$.text")]
    [InlineData("""{"text":"a","attachments":[1]}""", "$.attachments[0]")]
    [InlineData("", "$")]
    [InlineData("{", "$")]
    public async Task TheWrongMemberIsNamedInOurWords_WhenABodyIsMalformed(string body, string path)
    {
        var tenant = await RoomAsync();
        var problem = await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", body), 400, ProblemTypes.InvalidRequest);
        Assert.Equal(path, problem.GetProperty("path").GetString());
        IsInOurWords(problem);
    }

    [Theory]
    [InlineData("after", "x")]
    [InlineData("limit", "99999999999999999999")]
    public async Task TheWrongParameterIsNamedInOurWords_WhenAQueryIsMalformed(string name, string value)
    {
        var tenant = await RoomAsync();
        var problem = await RefusedAsync(tenant["ann"].GetAsync($"/v1/rooms/r/messages?{name}={value}"), 400, ProblemTypes.InvalidRequest);
        Assert.Equal(name, problem.GetProperty("path").GetString());
        IsInOurWords(problem);
    }

    private static void IsInOurWords(JsonElement problem)
    {
        foreach (var theirs in (string[])["Implicit", "Failed to", "parameter", "Contracts.", "System.", "Path:"])
        {
            Assert.DoesNotContain(theirs, problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OneMessageIsStored_WhenManyCallsPostTheSameIdAtOnce()
    {
        var tenant = await RoomAsync();
        var calls = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m1","text":"x"}""");
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token));
        }));
        Assert.Equal([.. Enumerable.Repeat(200, 19), 201], calls.Select(static call => call.Item1).Order());
        Assert.Single(calls.Select(static call => call.Item2).Distinct());
    }

    [Theory]
    [InlineData("""{"text":""}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":" \n "}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":null}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":["x"]}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":"a\u0000b"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":"\udc00"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"id":"m"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":"x","id":"a b"}""", ProblemTypes.InvalidId)]
    [InlineData("""{"text":"x","id":7}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":"x","attachments":"f"}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":"x","attachments":["../f"]}""", ProblemTypes.InvalidId)]
    [InlineData("""{"text":"x","attachments":["f","f"]}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":"x","attachments":[null]}""", ProblemTypes.InvalidId)]
    [InlineData("""{"text":"x","attachments":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}""", ProblemTypes.InvalidRequest)]
    [InlineData("""{"text":"x" """, ProblemTypes.InvalidRequest)]
    [InlineData("\"text\"", ProblemTypes.InvalidRequest)]
    public async Task Is400_WhenTheBodyIsWrong(string body, string type)
    {
        var tenant = await RoomAsync();
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", body), 400, type);
        var page = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages"), 200);
        Assert.Equal(0, page.GetProperty("lastSeq").GetInt32());
    }

    [Fact]
    public async Task LongestTextIsTaken_HoweverItIsEscaped_AndOneCharacterMoreIsNot()
    {
        var tenant = await RoomAsync();
        var escaped = string.Concat(Enumerable.Repeat("\\u00e4", Limits.MessageText));
        var message = await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{escaped}}"}"""), 201);
        Assert.Equal(new string('ä', Limits.MessageText), message.GetProperty("text").GetString());
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{new string('x', Limits.MessageText + 1)}}"}"""), 400, ProblemTypes.InvalidRequest);
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{new string('x', 100_000)}}"}"""), 413, ProblemTypes.PayloadTooLarge);
    }

    [Fact]
    public async Task FullPageOfLongestMessagesIsRead_HoweverManyBytesTheyTake()
    {
        var tenant = await RoomAsync();
        var text = new string('ä', Limits.MessageText);
        foreach (var batch in Enumerable.Range(1, Limits.HistoryPage).Chunk(100))
        {
            var items = batch.Select(i => new AppendItem(tenant.Id, "r", $"m{i}", "ann", text)).ToList();
            Assert.All((await system.Store.Messages.AppendAsync(new AppendRequest(items), Token)).Ok().Outcomes, static outcome => Assert.Null(outcome.Problem));
        }

        var page = await ReadAsync(tenant["ann"].GetAsync($"/v1/rooms/r/messages?limit={Limits.HistoryPage}"), 200);
        Assert.Equal(Limits.HistoryPage, page.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task HistoryIsReadByKey_InBothDirections()
    {
        var tenant = await RoomAsync();
        for (var i = 1; i <= 7; i++)
        {
            await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"{{i}}"}"""), 201);
        }

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], await SeqsAsync(tenant, ""));
        Assert.Equal([6, 7], await SeqsAsync(tenant, "?limit=2"));
        Assert.Equal([1, 2, 3], await SeqsAsync(tenant, "?after=0&limit=3"));
        Assert.Equal([6, 7], await SeqsAsync(tenant, "?after=5&limit=3"));
        Assert.Empty(await SeqsAsync(tenant, "?after=7"));
        Assert.Empty(await SeqsAsync(tenant, "?after=9223372036854775807"));
        Assert.Equal([3, 4], await SeqsAsync(tenant, "?before=5&limit=2"));
        Assert.Equal([1, 2], await SeqsAsync(tenant, "?before=3&limit=5"));
        Assert.Empty(await SeqsAsync(tenant, "?before=1"));
        foreach (var query in new[] { "?after=1&before=3", "?after=-1", "?before=0", "?limit=0", "?limit=501", "?after=x", "?after=9223372036854775808", "?limit=1e3" })
        {
            await RefusedAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages" + query), 400, ProblemTypes.InvalidRequest);
        }
    }

    [Fact]
    public async Task MessageWithoutAttachmentsCostsOneCallOfDbman()
    {
        await using var counted = await CountingProxy.StartAsync(system.Dbman.Address, Token);
        await using var chat = system.StartChat(system.Realtime, ("services:dbman:http:0", counted.Address.ToString()), ("Relay:MarkInterval", "00:00:10"));
        var tenant = await system.CreateTenantAsync(chat, "ann");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x"}"""), 201);
        var before = counted.Calls;
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""), 201);
        Assert.Equal(before + 1, counted.Calls);
    }

    /// <summary>A tenant with ann and bob in room r.</summary>
    private async Task<TestTenant> RoomAsync()
    {
        var tenant = await system.CreateTenantAsync("ann", "bob");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x","visibility":"public"}"""), 201);
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/join"), 201);
        return tenant;
    }

    private static async Task<List<long>> SeqsAsync(TestTenant tenant, string query)
    {
        var page = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages" + query), 200);
        return [.. page.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("seq").GetInt64())];
    }
}
