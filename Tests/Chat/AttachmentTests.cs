using Contracts;
using Contracts.Files;
using Tests.Dbman;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

public sealed class AttachmentTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FileIsAttached_OnlyWhenItIsAReadyOneOfTheTenant()
    {
        var tenant = await RoomAsync();
        var other = await RoomAsync();
        await FileAsync(tenant.Id, "ready", complete: true);
        await FileAsync(tenant.Id, "uploading", complete: false);
        await FileAsync(other.Id, "foreign", complete: true);
        var message = await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"text":"","attachments":["ready"]}"""), 201);
        Assert.Equal("ready", Assert.Single(message.GetProperty("attachments").EnumerateArray()).GetString());
        foreach (var file in new[] { "uploading", "foreign", "missing" })
        {
            await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", $$"""{"text":"x","attachments":["ready","{{file}}"]}"""), 404, ProblemTypes.FileNotFound);
        }

        var page = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages"), 200);
        Assert.Equal(1, page.GetProperty("lastSeq").GetInt32());
    }

    [Fact]
    public async Task ARepetitionIsAnswered_WhateverBecameOfItsFiles()
    {
        var tenant = await RoomAsync();
        await FileAsync(tenant.Id, "doomed", complete: true);
        const string Message = """{"id":"m1","text":"look","attachments":["doomed"]}""";
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", Message), 201);
        (await system.Store.Files.DeleteAsync(tenant.Id, "doomed", Token)).Ok();

        var again = await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", Message), 200);
        Assert.Equal(1, again.GetProperty("seq").GetInt32());

        // A message of its own is still refused, whether it has an id or not, and so is another one under that id.
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m2","text":"look","attachments":["doomed"]}"""), 404, ProblemTypes.FileNotFound);
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"text":"look","attachments":["doomed"]}"""), 404, ProblemTypes.FileNotFound);
        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"id":"m1","text":"another","attachments":["doomed"]}"""), 409, ProblemTypes.Conflict);
        var page = await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages"), 200);
        Assert.Equal(1, page.GetProperty("lastSeq").GetInt32());
    }

    private async Task FileAsync(string tenant, string file, bool complete)
    {
        (await system.Store.Files.ReserveAsync(tenant, new ReserveFileRequest(file, "ann", "n", "text/plain", 1, 600), Token)).Ok();
        if (complete)
        {
            (await system.Store.Files.CompleteAsync(tenant, file, new CompleteFileRequest(1, new string('0', 64), "text/plain"), Token)).Ok();
        }
    }

    /// <summary>A tenant with ann in room r.</summary>
    private async Task<TestTenant> RoomAsync()
    {
        var tenant = await system.CreateTenantAsync("ann");
        await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"x","visibility":"public"}"""), 201);
        return tenant;
    }
}
