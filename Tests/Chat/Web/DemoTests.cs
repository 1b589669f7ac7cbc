using System.Text.Json;
using Chat.Rooms;
using Chat.Web.Demo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tests.Dbman;
using Tests.Infrastructure;
using Tests.Session;

namespace Tests.Chat.Web;

/// <summary>Demo users and rooms: made once, by any number of replicas, in Development and nowhere else.</summary>
public sealed class DemoTests(SessionSystem system) : IClassFixture<SessionSystem>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReplicasThatStartTogether_MakeOneDemo()
    {
        await using (var one = Start("Development"))
        await using (var other = Start("Development"))
        {
            await Task.WhenAll(MadeAsync(one), MadeAsync(other));
        }

        foreach (var room in DemoContent.Rooms)
        {
            var history = (await system.Store.Messages.GetAfterAsync(DemoContent.Tenant, room.Id, after: 0, limit: 100, Token)).Ok();
            Assert.Equal(room.Messages.Select(static message => message.Text), history.Messages.Select(static message => message.Text));
            var members = (await system.Store.Rooms.ListMembersAsync(DemoContent.Tenant, room.Id, after: null, limit: 100, Token)).Ok();
            Assert.Equal(room.Members.Count, members.Items.Count);
        }

        Assert.Equal(DemoContent.Users.Count, (await system.Store.Directory.ListUsersAsync(DemoContent.Tenant, after: null, limit: 100, Token)).Ok().Items.Count);
        foreach (var user in DemoContent.Users)
        {
            await SessionSystem.TokensAsync(system.LoginAsync(DemoContent.Tenant, user.Username, DemoContent.Password));
        }

        // A user who left does not rejoin, however often the system is started.
        var login = await SessionSystem.TokensAsync(system.LoginAsync(DemoContent.Tenant, "chen", DemoContent.Password));
        Assert.True((await system.Store.Rooms.RemoveMemberAsync(DemoContent.Tenant, "demo-welcome", login.User.Id, login.User.Id, Token)).IsSuccess);
        await using var later = Start("Development");
        await MadeAsync(later);
        Assert.False((await system.Store.Rooms.GetMemberAsync(DemoContent.Tenant, "demo-welcome", login.User.Id, Token)).IsSuccess);
    }

    [Fact]
    public async Task SignInPageIsTold_InDevelopmentOnly()
    {
        await using var development = Start("Development");
        await using var silent = Start("Development", ("Demo:Enabled", "false"));
        await using var production = Start("Production");

        Assert.Equal(DemoContent.Password, (await ConfigAsync(development)).GetProperty("demo").GetProperty("password").GetString());
        Assert.False((await ConfigAsync(silent)).TryGetProperty("demo", out _));
        Assert.False((await ConfigAsync(production)).TryGetProperty("demo", out _));
        Assert.Empty(production.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<DemoSeed>());
        await MadeAsync(development);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public void DemoIsRefused_OutsideDevelopment(string environment)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Start(environment, ("Demo:Enabled", "true")));

        Assert.Contains("Demo:Enabled", failure.Message, StringComparison.Ordinal);
    }

    private static Task MadeAsync(RunningService<RoomEvents> chat) => chat.Hosted<DemoSeed>().ExecuteTask!.WaitAsync(Token);

    private static async Task<JsonElement> ConfigAsync(RunningService<RoomEvents> chat)
    {
        using var client = chat.ClientOf();
        using var config = JsonDocument.Parse(await client.GetStringAsync("/web/config.json", Token));
        return config.RootElement.Clone();
    }

    private RunningService<RoomEvents> Start(string environment, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["environment"] = environment,
            ["services:dbman:http:0"] = system.Dbman.Address.ToString(),
            ["services:realtime:http:0"] = system.Realtime.Address.ToString(),
            ["services:session:http:0"] = system.Session.Address.ToString(),
            ["Sweeper:Interval"] = "00:10:00",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return RunningService<RoomEvents>.Start(all);
    }
}
