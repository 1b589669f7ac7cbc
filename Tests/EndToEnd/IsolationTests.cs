using System.Text;
using System.Text.Json;
using Client.Realtime;
using Contracts.Frames;
using Contracts.Public;
using Contracts.Results;

namespace Tests.EndToEnd;

/// <summary>No tenant can read, guess, subscribe or signal into another, and a foreign room looks like one that does not exist.</summary>
[Collection(SystemCollection.Name)]
public sealed class IsolationTests(RunningSystem system)
{
    [Fact]
    public async Task EverythingIsRefused_WhenItBelongsToAnotherTenant()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var owner = await system.NewTenantAsync("victim", token);
        await using var stranger = await system.NewTenantAsync("stranger", token);
        Assert.True((await owner.Rooms.CreateAsync(new NewRoom("Vault", "vault", Contracts.Rooms.RoomVisibilities.Public), token)).IsSuccess);
        Assert.True((await owner.Messages.PostAsync("vault", new NewMessage("secret"), token)).IsSuccess);
        using var content = new MemoryStream("top secret"u8.ToArray());
        var file = (await owner.Files.UploadAsync(content, "secret.txt", "text/plain", token)).Value;

        await SameAsMissing(room => stranger.Rooms.GetAsync(room, token));
        await SameAsMissing(room => stranger.Rooms.JoinAsync(room, token));
        await SameAsMissing(room => stranger.Rooms.ListMembersAsync(room, cancellationToken: token));
        await SameAsMissing(room => stranger.Rooms.MarkReadAsync(room, 1, token));
        await SameAsMissing(room => stranger.Messages.GetAfterAsync(room, 0, cancellationToken: token));
        await SameAsMissing(room => stranger.Messages.PostAsync(room, new NewMessage("intruder"), token));
        await SameAsMissing(room => stranger.Rooms.PutMemberAsync(room, stranger.SignedIn!.User.Id, new MemberChange(), token));
        Assert.Equal(404, (await stranger.Files.GetAsync(file.Id, token)).Problem?.Status);
        Assert.Equal(404, (await stranger.Files.DownloadAsync(file.Id, Stream.Null, cancellationToken: token)).Problem?.Status);
        Assert.Equal(404, (await stranger.Files.DeleteAsync(file.Id, token)).Problem?.Status);
        Assert.Empty((await stranger.Rooms.ListPublicAsync(cancellationToken: token)).Value.Items);
        Assert.Empty((await stranger.Files.ListAsync(cancellationToken: token)).Value.Items);
        var attached = await stranger.Rooms.CreateAsync(new NewRoom("Own", "own"), token);
        Assert.True(attached.IsSuccess);
        var stolen = await stranger.Messages.PostAsync("own", new NewMessage("look", Attachments: [file.Id]), token);
        Assert.False(stolen.IsSuccess);

        var kept = (await owner.Messages.GetAfterAsync("vault", 0, cancellationToken: token)).Value;
        Assert.Equal("secret", Assert.Single(kept.Messages).Text);
        Assert.True((await owner.Files.GetAsync(file.Id, token)).IsSuccess);
    }

    [Fact]
    public async Task SocketsStayApart_WhenTwoTenantsHaveARoomOfTheSameName()
    {
        using var deadline = new Deadline();
        var token = deadline.Token;
        await using var one = await system.NewTenantAsync("one", token);
        await using var other = await system.NewTenantAsync("other", token);
        Assert.True((await one.Rooms.CreateAsync(new NewRoom("Same", "same"), token)).IsSuccess);
        await using var otherLive = await other.ConnectAsync(token);

        var refused = await Assert.ThrowsAsync<RealtimeException>(() => otherLive.SubscribeAsync("same", new SubscribeOptions { After = 0 }, token));
        Assert.Equal(ErrorCodes.NotAMember, refused.Code);
        using var data = JsonDocument.Parse("""{"sdp":"offer"}""");
        await Assert.ThrowsAsync<RealtimeException>(() => otherLive.SignalAsync("same", data.RootElement, cancellationToken: token));

        Assert.True((await other.Rooms.CreateAsync(new NewRoom("Same", "same"), token)).IsSuccess);
        await using var oneLive = await one.ConnectAsync(token);
        await using var oneRoom = await oneLive.SubscribeAsync("same", new SubscribeOptions { After = 0 }, token);
        await using var otherRoom = await otherLive.SubscribeAsync("same", new SubscribeOptions { After = 0 }, token);
        await using var otherSecond = await other.ConnectAsync(token);
        await using var otherSecondRoom = await otherSecond.SubscribeAsync("same", new SubscribeOptions { After = 0 }, token);

        Assert.True((await one.Messages.PostAsync("same", new NewMessage("for one"), token)).IsSuccess);
        Assert.True((await other.Messages.PostAsync("same", new NewMessage("for other"), token)).IsSuccess);
        await otherLive.SignalAsync("same", data.RootElement, cancellationToken: token);

        Assert.Equal("for one", (await oneRoom.Messages.ReadAsync(token)).Text);
        Assert.Equal("for other", (await otherRoom.Messages.ReadAsync(token)).Text);
        Assert.Equal("offer", (await otherSecondRoom.Signals.ReadAsync(token)).Data.GetProperty("sdp").GetString());

        // What comes through the same sockets last proves that nothing foreign came before it.
        Assert.True((await one.Messages.PostAsync("same", new NewMessage("last"), token)).IsSuccess);
        Assert.Equal("last", (await oneRoom.Messages.ReadAsync(token)).Text);
        Assert.False(oneRoom.Signals.TryRead(out _));
        Assert.False(oneRoom.Messages.TryRead(out _));
    }

    [Fact]
    public async Task FileComesBackAsItWas_WhenAMemberOfTheTenantDownloadsIt()
    {
        using var deadline = new Deadline();
        await using var owner = await system.NewTenantAsync("files", deadline.Token);
        await using var friend = await system.NewUserAsync(owner.SignedIn!.Tenant, "friend", deadline.Token);
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("no client may lose a byte\n", 10_000)));
        using var content = new MemoryStream(text);

        var file = (await owner.Files.UploadAsync(content, "notes.txt", "text/plain", deadline.Token)).Value;
        using var whole = new MemoryStream();
        using var tail = new MemoryStream();

        Assert.Equal(text.Length, file.Size);
        Assert.True((await friend.Files.DownloadAsync(file.Id, whole, cancellationToken: deadline.Token)).IsSuccess);
        Assert.True((await friend.Files.DownloadAsync(file.Id, tail, offset: text.Length - 5, deadline.Token)).IsSuccess);
        Assert.Equal(text, whole.ToArray());
        Assert.Equal(text[^5..], tail.ToArray());
    }

    /// <summary>The answer for the other tenant's room must equal the answer for a room that nobody has.</summary>
    private static async Task SameAsMissing<T>(Func<string, Task<ServiceResult<T>>> call)
    {
        var foreign = (await call("vault")).Problem;
        var missing = (await call("no-such-room")).Problem;

        Assert.NotNull(foreign);
        Assert.InRange(foreign.Status, 403, 404);
        Assert.Equal(missing?.Status, foreign.Status);
        Assert.Equal(missing?.Type, foreign.Type);
    }
}
