using Contracts;
using Contracts.Rooms;
using Tests.Infrastructure;

namespace Tests.Dbman;

public sealed class MemberTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RulesOfMembershipHold()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var rooms = app.Client.Rooms;
        var tenant = await app.Client.TenantAsync(Token);
        foreach (var user in new[] { "owner", "mod", "bob", "eve" })
        {
            await app.Client.UserAsync(tenant, user, Token);
        }

        (await rooms.CreateAsync(tenant, new CreateRoomRequest("open", "Open", RoomVisibilities.Public, "owner"), Token)).Ok();
        (await rooms.CreateAsync(tenant, new CreateRoomRequest("closed", "Closed", RoomVisibilities.Private, "owner"), Token)).Ok();
        (await rooms.CreateAsync(tenant, new CreateRoomRequest("open", "Again", RoomVisibilities.Public, "owner"), Token)).Refused(409, ProblemTypes.RoomExists);
        (await rooms.CreateAsync(tenant, new CreateRoomRequest("x", "X", RoomVisibilities.Public, "nobody"), Token)).Refused(404, ProblemTypes.UserNotFound);

        // Joining.
        var joined = await Put("open", "bob", "bob");
        Assert.Equal((true, RoomRoles.Member, null), (joined.Ok().Added, joined.Value.Member.Role, joined.Value.PreviousRole));
        Assert.False((await Put("open", "bob", "bob")).Ok().Added);
        (await Put("open", "eve", "eve", RoomRoles.Owner)).Refused(403, ProblemTypes.Forbidden);
        (await Put("closed", "bob", "bob")).Refused(403, ProblemTypes.NotAMember);
        (await Put("missing", "bob", "bob")).Refused(403, ProblemTypes.NotAMember);
        (await Put("open", "nobody", "nobody")).Refused(404, ProblemTypes.UserNotFound);

        // Adding others.
        (await Put("open", "eve", "bob")).Refused(403, ProblemTypes.Forbidden);
        (await Put("open", "bob", "eve")).Refused(403, ProblemTypes.NotAMember);
        (await Put("closed", "nobody", "owner")).Refused(404, ProblemTypes.UserNotFound);
        (await Put("closed", "mod", "owner", RoomRoles.Moderator)).Ok();
        (await Put("closed", "bob", "mod")).Ok();
        (await Put("closed", "eve", "mod", RoomRoles.Moderator)).Refused(403, ProblemTypes.Forbidden);

        // Roles.
        (await Put("closed", "bob", "mod", RoomRoles.Moderator)).Refused(403, ProblemTypes.Forbidden);
        (await Put("closed", "bob", "bob", RoomRoles.Owner)).Refused(403, ProblemTypes.Forbidden);
        (await Put("closed", "owner", "owner", RoomRoles.Member)).Refused(409, ProblemTypes.LastOwner);
        var promoted = (await Put("closed", "bob", "owner", RoomRoles.Owner)).Ok();
        Assert.Equal((RoomRoles.Owner, RoomRoles.Member), (promoted.Member.Role, promoted.PreviousRole));
        (await Put("closed", "owner", "owner", RoomRoles.Member)).Ok();

        // Removing.
        (await Remove("closed", "bob", "owner")).Refused(403, ProblemTypes.Forbidden);
        (await Remove("closed", "bob", "mod")).Refused(403, ProblemTypes.Forbidden);
        (await Remove("closed", "bob", "bob")).Refused(409, ProblemTypes.LastOwner);
        (await Remove("closed", "eve", "bob")).Refused(404, ProblemTypes.UserNotFound);
        (await Remove("closed", "owner", "eve")).Refused(403, ProblemTypes.NotAMember);
        (await Remove("missing", "owner", "eve")).Refused(403, ProblemTypes.NotAMember);
        (await Remove("closed", "owner", "mod")).Ok();
        (await rooms.GetMemberAsync(tenant, "closed", "owner", Token)).Refused(403, ProblemTypes.NotAMember);
        (await Remove("closed", "mod", "mod")).Ok();
        Assert.Equal(1, (await rooms.GetAsync(tenant, "closed", Token)).Ok().Members);
        Assert.Equal(["bob"], (await rooms.ListMembersAsync(tenant, "closed", null, 10, Token)).Ok().Items.Select(static member => member.UserId));

        Task<Contracts.Results.ServiceResult<PutMemberResponse>> Put(string room, string user, string actor, string? role = null) =>
            rooms.PutMemberAsync(tenant, room, user, new PutMemberRequest(actor, role), Token);

        Task<Contracts.Results.ServiceResult<Contracts.Results.Unit>> Remove(string room, string user, string actor) =>
            rooms.RemoveMemberAsync(tenant, room, user, actor, Token);
    }

    [Fact]
    public async Task OneOwnerStays_WhenAllOwnersLeaveAtOnceThroughTwoReplicas()
    {
        const int Owners = 12;
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var one = await DbmanApp.StartAsync(database, Token);
        await using var two = await DbmanApp.StartAsync(database, Token);
        var tenant = await one.Client.TenantAsync(Token);
        var room = await one.Client.RoomAsync(tenant, Token);
        for (var index = 1; index < Owners; index++)
        {
            var user = await one.Client.UserAsync(tenant, $"u{index}", Token);
            (await one.Client.Rooms.PutMemberAsync(tenant, room, user, new PutMemberRequest("admin", RoomRoles.Owner), Token)).Ok();
        }

        // Half of them leave, the others step down.
        var refusals = await Task.WhenAll(Enumerable.Range(0, Owners).Select(async index =>
        {
            var user = index == 0 ? "admin" : $"u{index}";
            var rooms = (index % 2 == 0 ? one : two).Client.Rooms;
            return index % 4 < 2
                ? (await rooms.RemoveMemberAsync(tenant, room, user, user, Token)).Problem
                : (await rooms.PutMemberAsync(tenant, room, user, new PutMemberRequest(user, RoomRoles.Member), Token)).Problem;
        }));

        Assert.Equal(ProblemTypes.LastOwner, Assert.Single(refusals.OfType<Contracts.Results.ServiceProblem>()).Type);
        var members = (await one.Client.Rooms.ListMembersAsync(tenant, room, null, 100, Token)).Ok().Items;
        Assert.Single(members, static member => member.Role == RoomRoles.Owner);
        Assert.Equal(members.Count, (await one.Client.Rooms.GetAsync(tenant, room, Token)).Ok().Members);
    }

    [Fact]
    public async Task UnreadIsWhatLiesBehindTheMarker()
    {
        await using var database = await servers.CreateDatabaseAsync(Token);
        await using var app = await DbmanApp.StartAsync(database, Token);
        var tenant = await app.Client.TenantAsync(Token);
        await app.Client.UserAsync(tenant, "bob", Token);
        var room = await app.Client.RoomAsync(tenant, Token);
        await app.Client.AppendAsync(tenant, room, "admin", "before", "before bob joined", Token);
        (await app.Client.Rooms.PutMemberAsync(tenant, room, "bob", new PutMemberRequest("bob"), Token)).Ok();
        Assert.Empty((await app.Client.Rooms.GetUnreadAsync(tenant, "bob", Token)).Ok().Rooms);
        for (var index = 0; index < 5; index++)
        {
            await app.Client.AppendAsync(tenant, room, "admin", $"m{index}", "after", Token);
        }

        Assert.Equal(new UnreadRoom(room, 5, 1, 6), Assert.Single((await app.Client.Rooms.GetUnreadAsync(tenant, "bob", Token)).Ok().Rooms));
        Assert.Equal((3, 6), await Read(3));
        Assert.Equal((3, 6), await Read(2));
        Assert.Equal((6, 6), await Read(99));
        Assert.Equal(0, (await app.Client.Rooms.GetUnreadAsync(tenant, "bob", Token)).Ok().Total);
        var own = Assert.Single((await app.Client.Rooms.ListOfUserAsync(tenant, "admin", null, 10, Token)).Ok().Items);
        Assert.Equal((RoomRoles.Owner, 6L, 0L, 2), (own.Role, own.ReadSeq, own.Unread, own.Room.Members));
        (await app.Client.Rooms.PutReadMarkerAsync(tenant, room, "nobody", new PutReadMarkerRequest(1), Token)).Refused(403, ProblemTypes.NotAMember);

        async Task<(long ReadSeq, long LastSeq)> Read(long seq)
        {
            var marker = (await app.Client.Rooms.PutReadMarkerAsync(tenant, room, "bob", new PutReadMarkerRequest(seq), Token)).Ok();
            return (marker.ReadSeq, marker.LastSeq);
        }
    }
}
