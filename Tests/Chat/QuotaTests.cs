using Contracts;
using Tests.Infrastructure;
using static Tests.Infrastructure.Caller;

namespace Tests.Chat;

/// <summary>How often one user, or one tenant, may post and create rooms; the others are not affected.</summary>
public sealed class QuotaTests(ChatSystem system) : IClassFixture<ChatSystem>
{
    [Theory]
    [InlineData("User")]
    [InlineData("Tenant")]
    public async Task OnePostTooManyIsRefused_AndOthersPost(string party)
    {
        await using var chat = system.StartChat(system.Realtime, ($"Rates:posts:{party}Burst", "3"), ($"Rates:posts:{party}PerSecond", "0.01"));
        var tenant = await system.CreateTenantAsync(chat, "ann", "bob");
        var other = await system.CreateTenantAsync(chat, "ann");
        foreach (var one in (TestTenant[])[tenant, other])
        {
            await ReadAsync(one["ann"].PostAsync("/v1/rooms", """{"id":"r","name":"R"}"""), 201);
        }

        await ReadAsync(tenant["ann"].PutAsync("/v1/rooms/r/members/bob", "{}"), 201);
        for (var i = 0; i < 3; i++)
        {
            await ReadAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""), 201);
        }

        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""), 429, ProblemTypes.TooManyRequests);
        await ReadAsync(other["ann"].PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""), 201);
        if (party == "User")
        {
            await ReadAsync(tenant["bob"].PostAsync("/v1/rooms/r/messages", """{"text":"x"}"""), 201);
        }

        // Reading is not posting.
        await ReadAsync(tenant["ann"].GetAsync("/v1/rooms/r/messages"), 200);
        using var http = new HttpClient { BaseAddress = chat.Address };
        Assert.Contains("requests_rate_limited_total", await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneRoomTooManyIsRefused()
    {
        await using var chat = system.StartChat(system.Realtime, ("Rates:rooms:UserBurst", "2"), ("Rates:rooms:UserPerSecond", "0.01"));
        var tenant = await system.CreateTenantAsync(chat, "ann", "bob");
        for (var i = 0; i < 2; i++)
        {
            await ReadAsync(tenant["ann"].PostAsync("/v1/rooms", """{"name":"R"}"""), 201);
        }

        await RefusedAsync(tenant["ann"].PostAsync("/v1/rooms", """{"name":"R"}"""), 429, ProblemTypes.TooManyRequests);
        await ReadAsync(tenant["bob"].PostAsync("/v1/rooms", """{"name":"R"}"""), 201);
    }
}
